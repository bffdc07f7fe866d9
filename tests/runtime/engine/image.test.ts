// Deltas and bases: what differs is told, and a slot is what it is restored to.

import test from 'ava';
import fc from 'fast-check';
import { blockBytes, type Delta } from '../../../runtime/engine/base.ts';
import { capture, restore } from '../../../runtime/engine/image.ts';
import { createSlot, type Slot } from '../../../runtime/engine/slot.ts';
import { bare, boot, fresh, module, run, scripts } from '../../helpers/booted-slot.ts';

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
