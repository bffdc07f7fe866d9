// Sandboxes and init images as bytes: whatever they hold comes back.

import test from 'ava';
import fc from 'fast-check';
import { evaluationLimits } from '../../../contract/limits.ts';
import { unpack } from '../../../runtime/engine/pack.ts';
import { append, emptyJournal, type Entry } from '../../../runtime/sandbox/journal.ts';
import {
  decodeImage,
  decodeSandbox,
  encodeImage,
  encodeSandbox,
} from '../../../runtime/worker/archive-format.ts';

const entry = fc.record<Entry>({
  stage: fc.constantFrom('INIT', 'SCRIPT'),
  source: fc.string({ unit: 'binary' }),
  seed: fc.bigInt({ min: 0n, max: 2n ** 53n }),
  now: fc.integer(),
  limits: fc.constant(evaluationLimits),
  fuel: fc.nat(),
});

test('a sandbox is what it was', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.option(fc.string(), { nil: undefined }),
      fc.option(fc.uint8Array({ minLength: 1 }), { nil: undefined }),
      fc.array(entry, { maxLength: 5 }),
      fc.nat(),
      (initDigest, imageName, checkpoint, entries, usedAt) => {
        const journal = append(emptyJournal, entries);
        const sandbox = { initDigest, imageName, checkpoint, journal, usedAt };
        t.deepEqual(decodeSandbox(encodeSandbox(sandbox)), sandbox);
      },
    ),
  );
});

test('a checkpoint that waited as it is lies packed', (t) => {
  const plain = new Uint8Array(4096);
  plain.set(new TextEncoder().encode('PDW1'));
  const about = { initDigest: '', imageName: undefined, journal: emptyJournal, usedAt: 0 };
  const bytes = encodeSandbox({ ...about, checkpoint: plain });
  t.true(bytes.length < plain.length / 2);
  const { checkpoint } = decodeSandbox(bytes);
  t.deepEqual(new Uint8Array(unpack(checkpoint ?? new Uint8Array())), plain);
});

test('an init image is what it was, in memory that threads share', (t) => {
  const image = {
    fuel: 5,
    stdout: Uint8Array.of(10, 13, 0),
    stderr: new Uint8Array(),
    delta: {
      places: Uint32Array.of(3, 9),
      blocks: new Uint8Array(512).fill(7),
      globals: [1, 2n ** 40n],
      memoryBytes: 65_536,
    },
  };
  const again = decodeImage(encodeImage(image));
  t.true(again.delta.blocks.buffer instanceof SharedArrayBuffer);
  const plain = { ...again.delta, blocks: new Uint8Array(again.delta.blocks) };
  t.deepEqual({ ...again, delta: plain }, image);
});

test('bytes that tell of nothing are refused', (t) => {
  t.throws(() => decodeSandbox(new Uint8Array(9)));
  t.throws(() => decodeImage(new TextEncoder().encode('{}\n')));
});
