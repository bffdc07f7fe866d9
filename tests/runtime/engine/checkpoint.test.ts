// Checkpoints: whatever a script did, base and checkpoint give the memory back; bytes that are none
// are refused before anything is written.

import test from 'ava';
import fc from 'fast-check';
import { applyCheckpoint, captureCheckpoint, isPlain } from '../../../runtime/engine/checkpoint.ts';
import { capture, restore } from '../../../runtime/engine/image.ts';
import { pack, packLater, unpack } from '../../../runtime/engine/pack.ts';
import type { Slot } from '../../../runtime/engine/slot.ts';
import { bare, boot, booted, fresh, run, scripts } from '../../helpers/booted-slot.ts';

/** What is read again: between calls nothing of the stack is. */
const heapOf = (slot: Slot): Buffer =>
  Buffer.from(slot.exports.memory.buffer).subarray(boot.heapStart);

const same = (a: Slot, b: Slot): boolean => {
  const [left, right] = [heapOf(a), heapOf(b)];
  const shared = Math.min(left.length, right.length);
  const rest = Buffer.concat([left.subarray(shared), right.subarray(shared)]);
  return (
    left.subarray(0, shared).equals(right.subarray(0, shared)) &&
    rest.every((byte) => byte === 0) &&
    a.globals.every(({ value }, index) => value === b.globals[index]?.value)
  );
};

test('any scripts, then a base anywhere among them: base and checkpoint are the whole', (t) => {
  const sequences = fc.array(fc.constantFrom(...scripts), { minLength: 1, maxLength: 5 });
  const laid = fresh();
  fc.assert(
    fc.property(sequences, fc.nat(4), (sequence, at) => {
      const slot = fresh();
      const before = sequence.slice(0, at);
      before.forEach((script) => run(slot, script));
      const init = capture(slot, { boot }, true);
      const base = { boot, delta: init };
      sequence.slice(at).forEach((script) => run(slot, script));
      const checkpoint = unpack(pack(captureCheckpoint(slot, base)));
      restore(laid, base);
      applyCheckpoint(laid, checkpoint);
      return same(laid, slot);
    }),
    { numRuns: 25 },
  );
  t.pass();
});

test('a sandbox goes on from its checkpoint at the same fuel and to the same end', (t) => {
  for (const first of scripts) {
    const slot = fresh();
    run(slot, first);
    const checkpoint = captureCheckpoint(slot, bare);
    const other = fresh();
    applyCheckpoint(other, checkpoint);
    for (const next of scripts) t.deepEqual(run(other, next), run(slot, next), `${first}, ${next}`);
  }
});

/** The checkpoint of a script with one of its words changed. */
const damaged = (change: (all: Uint32Array) => number): Uint8Array => {
  const slot = fresh();
  run(slot, 'var x = 1');
  const bytes = captureCheckpoint(slot, bare);
  change(new Uint32Array(bytes.buffer));
  return bytes;
};

const firstGroup = 4 + 2 * booted.globals.length;

test('what reaches out of the memory, or is none of ours, is refused and nothing written', (t) => {
  const beyond = booted.exports.memory.buffer.byteLength;
  const refused: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
    mark: [damaged((all) => (all[0] = 1)), /damaged/],
    'memory beyond any': [damaged((all) => (all[1] = 2 ** 32 - 65_536)), /than a memory/],
    'memory of no whole pages': [damaged((all) => (all[1] = beyond + 128)), /than a memory/],
    globals: [damaged((all) => (all[2] = booted.globals.length + 1)), /another interpreter/],
    groups: [damaged((all) => (all[3] = 1)), /damaged/],
    'more groups than bytes': [damaged((all) => (all[3] = 2 ** 31)), /damaged/],
    'a group behind the end': [damaged((all) => (all[firstGroup] = beyond / 128)), /than a memory/],
    'a group in the stack': [damaged((all) => (all[firstGroup] = 0)), /than a memory/],
    cut: [damaged(() => 0).slice(0, -1), /damaged/],
    longer: [new Uint8Array([...damaged(() => 0), 0]), /damaged/],
    nothing: [new Uint8Array(), /damaged/],
  };
  const [slot, untouched] = [fresh(), fresh()];
  for (const [name, [bytes, message]] of Object.entries(refused)) {
    t.throws(
      () => {
        applyCheckpoint(slot, bytes);
      },
      { message },
      name,
    );
    t.true(same(slot, untouched), name);
  }
});

test('bytes that begin anywhere are read as well', (t) => {
  const bytes = damaged(() => 0);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  const [slot, other] = [fresh(), fresh()];
  applyCheckpoint(slot, bytes);
  applyCheckpoint(other, shifted.subarray(3));
  t.true(same(slot, other));
  t.is(run(other, 'x').status, 'OK');
});

test('what is packed later is what is packed at once', async (t) => {
  const bytes = damaged(() => 0);
  t.deepEqual(await packLater(bytes), pack(bytes));
});

test('bytes that were not packed, or are damaged, are not unpacked', (t) => {
  const packed = pack(damaged(() => 0));
  t.throws(() => unpack(packed.subarray(0, packed.length - 1)));
  t.throws(() => unpack(new Uint8Array(100)));
  t.deepEqual(
    [isPlain(damaged(() => 0)), isPlain(packed), isPlain(new Uint8Array())],
    [true, false, false],
  );
});
