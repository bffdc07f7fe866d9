// A call stops noting what it writes when it has run for long; then every page counts as written,
// and fuel, result and memory are what they were.

import test from 'ava';
import { poolLimits } from '../../../contract/limits.ts';
import { pageBytes } from '../../../runtime/engine/abi.ts';
import { captureCheckpoint } from '../../../runtime/engine/checkpoint.ts';
import { restore } from '../../../runtime/engine/image.ts';
import { physicalBytes, type Slot } from '../../../runtime/engine/slot.ts';
import { considerNotes, isExpectedLong, settleNotes } from '../../../runtime/engine/unnoted.ts';
import { writtenIn } from '../../../runtime/engine/written.ts';
import { bare, fresh, run } from '../../helpers/booted-slot.ts';

const long = 'var a = []; for (let i = 0; i < 100000; i++) a[i % 100] = { i }; a.length';

const unnoted = (slot: Slot): WebAssembly.Global<'i32'> => {
  const global = slot.exports['meter.unnoted'];
  if (!global) throw new Error('the interpreter has no meter.unnoted');
  return global;
};

const notedBytes = (slot: Slot): number =>
  [...writtenIn(slot.notes, 0, physicalBytes(slot))].reduce(
    (sum, { from, to }) => sum + to - from,
    0,
  );

test('after a long call every page counts as written, after a short one few do', (t) => {
  const [short, slow] = [fresh(), fresh()];
  run(short, '1+1');
  t.true(notedBytes(short) < physicalBytes(short) / 8);
  run(slow, long);
  t.is(notedBytes(slow), physicalBytes(slow));
  t.is(unnoted(slow).value, 0);
});

test('a call that is expected to be long notes nothing from its beginning', (t) => {
  for (const script of ['1+1', 'throw new Error("x")']) {
    const [expected, other] = [fresh(), fresh()];
    t.deepEqual(run(expected, script, 1e9), run(other, script), script);
    t.is(notedBytes(expected), physicalBytes(expected), script);
    t.is(unnoted(expected).value, 0, script);
    restore(expected, bare);
    run(expected, script);
    t.is(notedBytes(expected), notedBytes(other), script);
  }
});

test('what is expected is held against what would be copied', (t) => {
  const memoryOf = (initial: number) => ({ memory: new WebAssembly.Memory({ initial }) });
  const least = (pages: number) => pages * pageBytes * poolLimits.notingFuelExpectedPerByte;
  for (const pages of [1, 10, 100]) {
    t.true(isExpectedLong(memoryOf(pages), least(pages)));
    t.false(isExpectedLong(memoryOf(pages), least(pages) - 1));
  }
});

test('so does one that ends by its limits, and the next call notes again', (t) => {
  const endings = ['for (;;);', 'throw new Error("x")', 'for (;;) a.push(new Uint8Array(1e6));'];
  for (const ending of endings) {
    const script = `${long}; ${ending}`;
    const slot = fresh();
    run(slot, script);
    t.is(notedBytes(slot), physicalBytes(slot), script);
    restore(slot, bare);
    t.is(notedBytes(slot), 0, script);
    run(slot, '1+1');
    t.true(notedBytes(slot) > 0 && notedBytes(slot) < physicalBytes(slot) / 8, script);
  }
});

test('noting or not, a call uses the same fuel and leaves the same memory', (t) => {
  for (const script of [long, '1+1', '[3, 1, 2].sort().map((x) => [x])', 'throw new Error("x")']) {
    const [noting, other] = [fresh(), fresh()];
    other.notes.all = true;
    t.deepEqual(run(other, script), run(noting, script), script);
    t.is(notedBytes(other), physicalBytes(other), script);
    const memory = Buffer.from(noting.exports.memory.buffer);
    t.true(memory.equals(Buffer.from(other.exports.memory.buffer)), script);
  }
});

test('a call after a long one notes nothing, until the slot is restored or compared', (t) => {
  const slot = fresh();
  run(slot, long);
  slot.notes.pages.fill(0);
  run(slot, '1+1');
  t.is(notedBytes(slot), physicalBytes(slot));
  captureCheckpoint(slot, bare);
  const compared = notedBytes(slot);
  run(slot, '1+1');
  t.true(notedBytes(slot) < compared + physicalBytes(slot) / 8);
});

test('the larger the memory that would be copied, the later', (t) => {
  const global = () => new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
  const stopsAt = (pages: number): number => {
    const memory = new WebAssembly.Memory({ initial: pages });
    const exports = { memory, 'meter.unnoted': global() };
    let fuel = 0;
    for (; exports['meter.unnoted'].value === 0; fuel += 100_000) considerNotes(exports, fuel);
    return fuel;
  };
  t.true(stopsAt(20) > stopsAt(10));
  t.true(stopsAt(1) > pageBytes);
});

test('an interpreter without clones is left alone', (t) => {
  const slot = fresh();
  const { memory } = slot.exports;
  t.notThrows(() => {
    considerNotes({ memory }, Infinity);
  });
  settleNotes({ ...slot, exports: { ...slot.exports, 'meter.unnoted': undefined } } as never);
  t.is(notedBytes(slot), 0);
});

test('after a checkpoint only pages that differ are noted, and restoring finds them all', (t) => {
  const slot = fresh();
  run(slot, long);
  captureCheckpoint(slot, bare);
  t.true(notedBytes(slot) < physicalBytes(slot) - pageBytes);
  restore(slot, bare);
  const memory = Buffer.from(slot.exports.memory.buffer);
  const untouched = Buffer.from(fresh().exports.memory.buffer);
  t.true(memory.subarray(0, untouched.length).equals(untouched));
  t.true(memory.subarray(untouched.length).every((byte) => byte === 0));
});
