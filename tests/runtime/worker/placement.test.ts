// place: where the next task runs.

import test from 'ava';
import fc from 'fast-check';
import { place, type Seat } from '../../../runtime/worker/placement.ts';

const seat = (index: number, change: Partial<Seat> = {}): Seat => ({
  index,
  idle: true,
  busyMs: 0,
  sandboxes: 0,
  ...change,
});
const busy = (index: number, busyMs: number): Seat => seat(index, { idle: false, busyMs });

test('a task without a sandbox runs on the idle worker with the fewest sandboxes', (t) => {
  const seats = [seat(0, { sandboxes: 3 }), seat(1, { sandboxes: 1 }), busy(2, 1)];
  t.deepEqual(place(undefined, seats, 5), { kind: 'run', seat: 1 });
});

test('a sandbox stays at home while home is idle', (t) => {
  const seats = [seat(0), seat(1, { sandboxes: 9 })];
  t.deepEqual(place({ home: 1, busy: false }, seats, 5), { kind: 'run', seat: 1 });
});

test('a sandbox waits for a home that is briefly busy, then moves', (t) => {
  const resident = { home: 0, busy: false };
  t.deepEqual(place(resident, [busy(0, 4), seat(1)], 5), { kind: 'wait', again: true });
  t.deepEqual(place(resident, [busy(0, 5), seat(1)], 5), { kind: 'move', from: 0, to: 1 });
});

test('a sandbox that is being evaluated is never entered twice', (t) => {
  t.deepEqual(place({ home: 0, busy: true }, [busy(0, 99), seat(1)], 5), {
    kind: 'wait',
    again: false,
  });
});

test('whatever the seats: only idle workers are given work, and none idle means wait', (t) => {
  const seats = fc.array(
    fc.record({ idle: fc.boolean(), busyMs: fc.nat(20), sandboxes: fc.nat(9) }),
    { minLength: 1, maxLength: 5 },
  );
  const resident = fc.option(fc.record({ home: fc.nat(4), busy: fc.boolean() }), {
    nil: undefined,
  });
  fc.assert(
    fc.property(seats, resident, (given, who) => {
      const all = given.map((one, index) => ({ ...one, index }));
      const home = who && all[who.home] ? who : undefined;
      const placement = place(home, all, 5);
      if (placement.kind === 'run')
        return all[placement.seat]?.idle === true && home?.busy !== true;
      if (placement.kind === 'move')
        return all[placement.to]?.idle === true && home?.busy === false;
      return home !== undefined || all.every(({ idle }) => !idle);
    }),
  );
  t.pass();
});
