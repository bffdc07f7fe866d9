// Replaced checkpoints give their memory back, unless somebody may still read it.

import test from 'ava';
import { pack, unpack } from '../../../runtime/engine/pack.ts';
import { giveBack, packLent } from '../../../runtime/worker/spent.ts';

/** Begins as a checkpoint does. */
const plainIn = (bytes: Uint8Array): Uint8Array => {
  bytes.set(new TextEncoder().encode('PDW1'));
  return bytes;
};

test('the memory of a checkpoint is given back, once', (t) => {
  const checkpoint = plainIn(new Uint8Array(4096));
  giveBack(checkpoint);
  t.is(checkpoint.length, 0);
  t.notThrows(() => {
    giveBack(checkpoint);
  });
});

test('one that another thread packs is whole until it is done, and after', async (t) => {
  const checkpoint = plainIn(new Uint8Array(4096).fill(7));
  const packed = packLent(checkpoint);
  giveBack(checkpoint);
  t.is(checkpoint.length, 4096);
  t.deepEqual(new Uint8Array(unpack(await packed)), plainIn(new Uint8Array(4096).fill(7)));
  giveBack(checkpoint);
  t.is(checkpoint.length, 4096);
});

test('what is packed, shared or a part of something larger stays', (t) => {
  const packed = pack(plainIn(new Uint8Array(4096)));
  const part = plainIn(new Uint8Array(4096).subarray(0, 2048));
  const shared = plainIn(new Uint8Array(new SharedArrayBuffer(4096)));
  const lengths = [packed, part, shared].map(({ length }) => length);
  [packed, part, shared].forEach(giveBack);
  t.deepEqual(
    [packed, part, shared].map(({ length }) => length),
    lengths,
  );
});
