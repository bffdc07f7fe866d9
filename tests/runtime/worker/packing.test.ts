// Checkpoints that wait as they are keep to their bound: the least recently used are packed, and a
// sandbox that has another one by then keeps that.

import test from 'ava';
import { poolLimits } from '../../../contract/limits.ts';
import { isPlain } from '../../../runtime/engine/checkpoint.ts';
import { unpack } from '../../../runtime/engine/pack.ts';
import { createDirectory } from '../../../runtime/worker/directory.ts';
import { createPacking } from '../../../runtime/worker/packing.ts';
import { newPast, type Resident } from '../../../runtime/worker/resident.ts';

/** Bytes of each checkpoint: four of them are the bound. */
const bytes = 4096;
const sandboxesBytesMax = (4 * bytes) / poolLimits.plainShareMax;

/** Begins as a checkpoint does. */
const plainOf = (fill: number): Uint8Array => {
  const checkpoint = new Uint8Array(bytes).fill(fill);
  checkpoint.set(new TextEncoder().encode('PDW1'));
  return checkpoint;
};

const books = () => {
  const limits = { sandboxesMax: 1_000, sandboxesBytesMax: 1e9, sandboxIdleMs: 1 };
  const directory = createDirectory(limits, 1);
  const enter = (key: string): Resident => {
    const resident = directory.enter(key, '', newPast());
    directory.remember(resident, { ...newPast(), checkpoint: plainOf(key.charCodeAt(0)) });
    return resident;
  };
  return { directory, enter, packMore: createPacking(directory, sandboxesBytesMax) };
};

const isPlainOf = ({ past }: Resident): boolean =>
  past.checkpoint !== undefined && isPlain(past.checkpoint);

const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise(setImmediate);
};

test('within the bound nothing is packed', async (t) => {
  const { enter, packMore } = books();
  const residents = ['a', 'b', 'c', 'd'].map(enter);
  packMore();
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.true(residents.every(isPlainOf));
});

test('beyond it the least recently used are packed, and are what they were', async (t) => {
  const { directory, enter, packMore } = books();
  const residents = ['a', 'b', 'c', 'd', 'e', 'f'].map(enter);
  const [a, b, c] = residents;
  if (!a || !b || !c) throw new Error('three were entered');
  directory.remember(a, { ...a.past });
  packMore();
  await until(() => !isPlainOf(b) && !isPlainOf(c));
  t.deepEqual(residents.map(isPlainOf), [true, false, false, true, true, true]);
  const packed = b.past.checkpoint ?? new Uint8Array();
  t.true(packed.length < bytes / 2);
  t.deepEqual(new Uint8Array(unpack(packed)), plainOf('b'.charCodeAt(0)));
});

test('far beyond it nothing waits for a thread to pack it', (t) => {
  const { enter, packMore } = books();
  const residents = Array.from({ length: 20 }, (_, index) => enter(String(index)));
  packMore();
  const plain = residents.filter(isPlainOf).length;
  t.is(plain, Math.floor(4 * (1 + poolLimits.packingShareMax)) + poolLimits.packingMax);
});

test('what is packed need not be forgotten', (t) => {
  const limits = { sandboxesMax: 1_000, sandboxesBytesMax: 8 * bytes, sandboxIdleMs: 1 };
  const directory = createDirectory(limits, 1);
  const packMore = createPacking(directory, limits.sandboxesBytesMax);
  const [a, b] = ['a', 'b'].map((key) => directory.enter(key, '', newPast()));
  if (!a || !b) throw new Error('two were entered');
  directory.remember(a, { ...newPast(), checkpoint: plainOf(1) });
  directory.remember(b, { ...newPast(), checkpoint: new Uint8Array(3 * bytes) });
  t.true(directory.isFull());
  packMore();
  t.false(isPlainOf(a));
  t.false(directory.isFull());
  t.is(directory.surplus(), undefined);
});

test('a newer checkpoint stays, and a sandbox that is gone is left alone', async (t) => {
  const { directory, enter, packMore } = books();
  const [a, b] = ['a', 'b', 'c', 'd', 'e', 'f'].map(enter);
  if (!a || !b) throw new Error('two were entered');
  packMore();
  const newer = plainOf(1);
  directory.remember(a, { ...newPast(), checkpoint: newer });
  directory.strike(b);
  const count = directory.count();
  // Others are packed meanwhile: what was under way has ended by then.
  const more = ['g', 'h', 'i', 'j'].map(enter);
  packMore();
  await until(() => more.filter(isPlainOf).length + Number(isPlainOf(a)) <= 4);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.true(a.past.checkpoint === newer || !isPlainOf(a));
  t.true(isPlainOf(b), 'nobody replaces what is gone');
  t.is(directory.count(), count + more.length);
});
