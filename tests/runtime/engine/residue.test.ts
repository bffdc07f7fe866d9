// No residue: a reused slot is, over its whole physical memory and all its globals, what a fresh
// one is, whatever ran in it before and however that ended.

import test from 'ava';
import fc from 'fast-check';
import { evaluationLimits } from '../../../contract/limits.ts';
import type { Base, BootImage } from '../../../runtime/engine/base.ts';
import { captureBoot, restore } from '../../../runtime/engine/image.ts';
import { loadModule } from '../../../runtime/engine/module.ts';
import { bootSlot, createSlot, stackReached, type Slot } from '../../../runtime/engine/slot.ts';
import { noteWritten, writtenIn, writtenPageBytes } from '../../../runtime/engine/written.ts';
import { evaluateTask } from '../../../runtime/sandbox/evaluate.ts';

const canary = 'paddock-canary-7f3a9c';
const halves = `"paddock-can" + "ary-7f3a9c"`;

/** Scripts that leave a canary in many places, and end in every way that a script can. */
const leavers: readonly string[] = [
  `var a = ${halves}; a.repeat(1000)`,
  `var m = new Map(); for (let i = 0; i < 500; i++) m.set(${halves} + i, { i }); m.size`,
  `var b = new TextEncoder().encode((${halves}).repeat(50000)); b.length`,
  `console.log(${halves}); throw new Error(${halves})`,
  `var s = ${halves}; for (;;) s += "x";`,
  `var s = []; for (;;) s.push(${halves} + s.length);`,
  `var s = []; for (;;) s.push(new Uint8Array(1e6).fill(7));`,
  `function f() { return ${halves} + f(); } f()`,
  `eval("(".repeat(1e5) + ${halves})`,
  `new RegExp("(a+)+$").test("a".repeat(40) + ${halves})`,
];

const { module } = await loadModule();

const bootImage = (): BootImage => {
  const slot = createSlot(module);
  bootSlot(slot, 0);
  return captureBoot(slot);
};

const image = bootImage();
const bare: Base = { boot: image };

const run = (slot: Slot, script: string): void => {
  const limits = { ...evaluationLimits, fuelMax: 300_000_000, memoryBytesMax: 24 * 1024 * 1024 };
  const task = { init_script: '', script, seed: 1n, now: 0, limits };
  evaluateTask(slot, task, { created: true, keyed: true }, () => undefined);
};

const memoryOf = (slot: Slot): Buffer => Buffer.from(slot.exports.memory.buffer);
const has = (slot: Slot): boolean =>
  memoryOf(slot).includes(canary) || memoryOf(slot).includes(Buffer.from(canary, 'utf16le'));

test('the canary is really there before a slot is restored', (t) => {
  const slot = createSlot(module);
  restore(slot, bare);
  run(slot, leavers[0] ?? '');
  t.true(has(slot));
});

test('any sequence of scripts, endings and exceptions: restored, a slot is as fresh', (t) => {
  const slot = createSlot(module);
  const fresh = createSlot(module);
  restore(fresh, bare);
  // `unnoted`: as after a long call, nothing is noted.
  const calls = fc.record({ script: fc.constantFrom(...leavers), unnoted: fc.boolean() });
  const sequences = fc.array(calls, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(sequences, (sequence) => {
      for (const { script, unnoted } of sequence) {
        restore(slot, bare);
        if (unnoted) slot.notes.all = true;
        run(slot, script);
      }
      restore(slot, bare);
      const [used, untouched] = [memoryOf(slot), memoryOf(fresh)];
      const same = used.subarray(0, untouched.length).equals(untouched);
      const zeros = used.subarray(untouched.length).every((byte) => byte === 0);
      const globals = slot.globals.every(
        ({ value }, index) => value === fresh.globals[index]?.value,
      );
      return same && zeros && globals && !has(slot);
    }),
    { numRuns: 12 },
  );
  t.pass();
});

test('bytes written beyond what the sandbox could see are gone too', (t) => {
  const slot = createSlot(module);
  restore(slot, bare);
  slot.exports.memory.grow(16);
  const at = memoryOf(slot).length - 100;
  memoryOf(slot).write(canary, at);
  noteWritten(slot.notes, at, canary.length);
  t.true(has(slot));
  restore(slot, bare);
  t.false(has(slot));
});

test('what a note on the last page of the stack stands for in the heap is gone too', (t) => {
  const slot = createSlot(module);
  restore(slot, bare);
  // A store across the border, as the meter notes it: by its first page.
  memoryOf(slot).write(canary, image.heapStart + 8);
  noteWritten(slot.notes, image.heapStart - 8, 1);
  restore(slot, bare);
  t.false(has(slot));
});

test('what was written below all that the stack reached is gone too', (t) => {
  const slot = createSlot(module);
  restore(slot, bare);
  // A store through a wild pointer, as the meter notes it: no frame was ever that deep.
  const at = 2 * writtenPageBytes - 8;
  t.true(at + canary.length < stackReached(slot));
  memoryOf(slot).write(canary, at);
  noteWritten(slot.notes, at, 1);
  restore(slot, bare);
  t.false(has(slot));
});

test('every page that a script has changed is noted, and few others are', (t) => {
  const fresh = createSlot(module);
  restore(fresh, bare);
  for (const script of ['1+1', ...leavers]) {
    const slot = createSlot(module);
    restore(slot, bare);
    run(slot, script);
    const noted = [...writtenIn(slot.notes, image.heapStart, memoryOf(slot).length)];
    const rest = Buffer.from(memoryOf(slot));
    for (const { from, to } of noted) {
      const before = memoryOf(fresh).subarray(from, to);
      rest.fill(0, from, to).set(before, from);
    }
    const [heap, expected] = [rest, memoryOf(fresh)].map((memory) =>
      memory.subarray(image.heapStart),
    ) as [Buffer, Buffer];
    t.true(heap.subarray(0, expected.length).equals(expected), script);
    t.true(
      heap.subarray(expected.length).every((byte) => byte === 0),
      script,
    );
    const bytes = noted.reduce((sum, { from, to }) => sum + to - from, 0);
    if (script === '1+1') t.true(bytes < image.heap.length / 8, `${bytes} bytes`);
  }
});

test('no script has written the stack below what the meter noted', (t) => {
  const reached = leavers.map((script) => {
    const slot = createSlot(module);
    restore(slot, bare);
    run(slot, script);
    const below = memoryOf(slot).subarray(0, stackReached(slot));
    t.true(
      below.every((byte) => byte === 0),
      script,
    );
    return below.length;
  });
  // It tells a shallow script from a deep one, whose stack is wiped all the same (see above).
  t.true(Math.min(...reached) < image.heapStart / 2);
  t.true(Math.max(...reached) > image.heapStart / 2);
});

test('every mutable global of the module is among those restored', (t) => {
  const slot = createSlot(module);
  const mutable = WebAssembly.Module.exports(module).filter(({ kind }) => kind === 'global');
  const limits = ['meter.fuel', 'meter.trap', 'meter.memory_pages_max'];
  const constant = ['meter.stack_low', 'meter.stack_high', 'meter.guard'];
  const others = mutable.filter(
    ({ name }) => ![...limits, ...constant].includes(name) && !name.startsWith('meter.'),
  );
  // The stack pointer is exported twice: under its own name and as a numbered global.
  t.deepEqual(
    others.map(({ name }) => name),
    ['__stack_pointer'],
  );
  t.true(slot.globals.length >= 2);
});

test('two boots give the same image: sandboxes of any worker start alike', (t) => {
  const again = bootImage();
  t.deepEqual(again.globals, image.globals);
  t.is(again.heapStart, image.heapStart);
  t.is(Buffer.compare(again.heap, image.heap), 0);
});
