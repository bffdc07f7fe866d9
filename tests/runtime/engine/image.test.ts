// Deltas: whatever a script did, base and delta give the memory back, packed or not.

import test from 'ava';
import fc from 'fast-check';
import { evaluationLimits } from '../../../contract/limits.ts';
import { blockBytes, type Base, type Delta } from '../../../runtime/engine/base.ts';
import { apply, capture, captureBoot, restore } from '../../../runtime/engine/image.ts';
import { loadModule } from '../../../runtime/engine/module.ts';
import { pack, unpack } from '../../../runtime/engine/pack.ts';
import { bootSlot, createSlot, type Slot } from '../../../runtime/engine/slot.ts';
import { evaluateTask } from '../../../runtime/sandbox/evaluate.ts';

const { module } = await loadModule();
const booted = createSlot(module);
bootSlot(booted, 0);
const boot = captureBoot(booted);
const bare: Base = { boot };
const wide = booted.globals.map(({ value }) => typeof value === 'bigint');

const fresh = (): Slot => {
  const slot = createSlot(module);
  restore(slot, bare);
  return slot;
};

const run = (slot: Slot, script: string) => {
  const task = { init_script: '', script, seed: 1n, now: 0, limits: evaluationLimits };
  return evaluateTask(slot, task, { created: true, keyed: true }, () => undefined).outcome;
};

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

const scripts: readonly string[] = [
  '1+1',
  'var x = 1',
  'var a = []; for (let i = 0; i < 100; i++) a.push({ i, s: "x" + i }); a.length',
  'var m = new Map(); for (let i = 0; i < 500; i++) m.set(i, { i }); m.size',
  'var b = new Uint8Array(2e6).fill(3); b.length',
  'delete globalThis.b; 0',
  'throw new Error("kept")',
];

test('any scripts, then a base anywhere among them: base and delta are the whole', (t) => {
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
      const delta = unpack(pack(capture(slot, base)), wide);
      restore(laid, bare);
      apply(laid, init);
      apply(laid, delta);
      return same(laid, slot);
    }),
    { numRuns: 25 },
  );
  t.pass();
});

test('a sandbox goes on from its delta at the same fuel and to the same end', (t) => {
  for (const first of scripts) {
    const slot = fresh();
    run(slot, first);
    const delta = capture(slot, { boot });
    const other = fresh();
    apply(other, delta);
    for (const next of scripts) t.deepEqual(run(other, next), run(slot, next), `${first}, ${next}`);
  }
});

test('what a base already says costs nothing', (t) => {
  const slot = fresh();
  run(slot, scripts[3] ?? '');
  const init = capture(slot, { boot });
  t.true(init.places.length > 100);
  t.is(capture(slot, { boot, delta: init }).places.length, 0);
});

test('a block that is again what the boot image has is told of when the base differs', (t) => {
  const slot = fresh();
  const place = boot.heapStart / blockBytes + 5;
  const blocks = new Uint8Array(blockBytes).fill(7);
  const globals = slot.globals.map(({ value }) => value as number | bigint);
  const memoryBytes = slot.exports.memory.buffer.byteLength;
  const init: Delta = { places: Uint32Array.of(place), blocks, globals, memoryBytes };
  t.deepEqual([...capture(slot, { boot, delta: init }).places], [place]);
});

test('a slot that goes from base to base is each in turn, to the last byte', (t) => {
  const wholeOf = (slot: Slot): Buffer => Buffer.from(slot.exports.memory.buffer);
  const bases = scripts.map((script) => {
    const slot = fresh();
    run(slot, script);
    return { boot, delta: capture(slot, bare) };
  });
  const pick = fc.record({ base: fc.nat(scripts.length), script: fc.constantFrom(...scripts) });
  const slot = fresh();
  fc.assert(
    fc.property(fc.array(pick, { minLength: 2, maxLength: 5 }), (steps) =>
      steps.every(({ base, script }) => {
        restore(slot, bases[base] ?? bare);
        const other = createSlot(module);
        restore(other, bases[base] ?? bare);
        const [used, untouched] = [wholeOf(slot), wholeOf(other)];
        const same = used.subarray(0, untouched.length).equals(untouched);
        const zeros = used.subarray(untouched.length).every((byte) => byte === 0);
        run(slot, script);
        return same && zeros;
      }),
    ),
    { numRuns: 15 },
  );
  t.pass();
});

test('bytes of another interpreter, or damaged ones, are refused', (t) => {
  const packed = pack(capture(fresh(), { boot }));
  t.throws(() => unpack(packed, [...wide, false]), { message: /another interpreter/ });
  t.throws(() => unpack(packed.subarray(0, packed.length - 1), wide));
  t.throws(() => unpack(new Uint8Array(100), wide));
});
