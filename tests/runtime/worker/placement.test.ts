// place: where the next task runs.

import test from 'ava';
import fc from 'fast-check';
import { place, wantsWorker } from '../../../runtime/worker/placement.ts';
import type { Guest, Lodger, Placement, Seat } from '../../../runtime/worker/placement.ts';

const rules = { workers: 2, slowAfterMs: 5, unevenMin: 0.5 };
const idle = (index: number, forMs = 0): Seat => ({
  ...{ index, idle: true, forMs, caller: undefined, slow: false, live: 0, share: 0 },
});
const busy = (index: number, forMs: number, caller = 'other', slow = false): Seat => ({
  ...{ index, idle: false, forMs, caller, slow, live: 0, share: 0 },
});

const placed = (
  seats: readonly Seat[],
  resident?: { readonly home: number | undefined; readonly busy: boolean },
  remakeMs = 0,
): Placement =>
  place(
    { caller: 'me', slow: false, trial: 'none' },
    resident && { ...resident, remakeMs },
    seats,
    rules,
  );

test('a new sandbox goes to the worker that has been idle longest', (t) => {
  t.deepEqual(placed([idle(0, 1), idle(1, 3), busy(2, 9)]), { kind: 'run', seat: 1 });
});

test('what will be slow goes where the fewest live, and waits while that is briefly busy', (t) => {
  const endless = { caller: 'endless', slow: true, trial: 'none' } as const;
  const home = { ...idle(2, 9), live: 10 };
  const slow = busy(1, 900, 'endless', true);
  t.deepEqual(place(endless, undefined, [idle(0), slow, home], rules), { kind: 'run', seat: 0 });
  t.deepEqual(place(endless, undefined, [busy(0, 1), slow, home], rules), {
    kind: 'wait',
    again: true,
  });
  t.deepEqual(place(endless, undefined, [busy(0, 6), slow, home], rules), { kind: 'run', seat: 2 });
  const own = { home: 2, busy: false, remakeMs: 0 };
  t.deepEqual(place(endless, own, [idle(0), slow, home], rules), { kind: 'run', seat: 2 });
  t.deepEqual(placed([idle(0), slow, home]), { kind: 'run', seat: 2 }, 'others go by idleness');
});

test('a sandbox stays at home while home is idle', (t) => {
  const seats = [idle(0, 9), idle(1, 0)];
  t.deepEqual(placed(seats, { home: 1, busy: false }), { kind: 'run', seat: 1 });
});

test('a sandbox waits for a home that is briefly busy, then goes elsewhere', (t) => {
  const resident = { home: 0, busy: false };
  t.deepEqual(placed([busy(0, 4), idle(1)], resident), { kind: 'wait', again: true });
  t.deepEqual(placed([busy(0, 5), idle(1)], resident), { kind: 'run', seat: 1 });
});

test('who is dear to make again waits that much longer', (t) => {
  const resident = { home: 0, busy: false };
  t.deepEqual(placed([busy(0, 16), idle(1)], resident, 12), { kind: 'wait', again: true });
  t.deepEqual(placed([busy(0, 17), idle(1)], resident, 12), { kind: 'run', seat: 1 });
});

test('a sandbox leaves at once when its home is always busy and another worker is not', (t) => {
  const resident = { home: 0, busy: false };
  const seats = (share: number): Seat[] => [
    { ...busy(0, 1), share },
    { ...idle(1), share: 0.25 },
  ];
  t.deepEqual(placed(seats(0.75), resident, 12), { kind: 'wait', again: true });
  t.deepEqual(placed(seats(0.76), resident, 12), { kind: 'run', seat: 1 });
  const home = { ...idle(0), share: 1 };
  t.deepEqual(placed([home, idle(1)], resident), { kind: 'run', seat: 0 }, 'home is free');
});

test('what it takes to make a sandbox does not make its home busy for longer', (t) => {
  const resident = { home: 0, busy: false };
  t.deepEqual(placed([busy(0, -8), idle(1)], resident), { kind: 'wait', again: true });
});

test('a dormant sandbox goes anywhere', (t) => {
  t.deepEqual(placed([busy(0, 1), idle(1)], { home: undefined, busy: false }), {
    kind: 'run',
    seat: 1,
  });
});

test('a sandbox that is being evaluated is never entered twice', (t) => {
  t.deepEqual(placed([busy(0, 99), idle(1)], { home: 0, busy: true }), {
    kind: 'wait',
    again: false,
  });
});

test('as many run at once as there are workers; slow ones do not count, but are bounded', (t) => {
  t.deepEqual(placed([busy(0, 1), busy(1, 1), idle(2)]), { kind: 'stop', spare: false });
  t.deepEqual(placed([busy(0, 1), busy(1, 6), idle(2)]), { kind: 'run', seat: 2 });
  t.deepEqual(placed([busy(0, 6), busy(1, 6)]), { kind: 'stop', spare: true });
});

test('no other worker is started while one makes a checkpoint, unless that takes long', (t) => {
  const copying = (forMs: number): Seat => ({ ...idle(0, forMs), idle: false });
  t.deepEqual(placed([copying(1), busy(1, 9)]), { kind: 'stop', spare: false });
  t.deepEqual(placed([copying(5), busy(1, 9)]), { kind: 'stop', spare: true });
  t.deepEqual(placed([copying(Infinity), busy(1, 9)]), { kind: 'stop', spare: true }, 'it starts');
});

test('what is known to be slow makes room from its beginning, and nobody waits for it', (t) => {
  const seats = [busy(0, 0, 'other', true), busy(1, 0, 'other', true), idle(2)];
  t.deepEqual(placed(seats), { kind: 'run', seat: 2 });
  t.deepEqual(placed(seats, { home: 0, busy: false }), { kind: 'run', seat: 2 });
  t.deepEqual(placed(seats, { home: 0, busy: false }, 3), { kind: 'wait', again: true });
});

test('one caller has no more than there are workers, and leaves the spare one to others', (t) => {
  const seats = [busy(0, 6, 'me'), busy(1, 6, 'me'), idle(2)];
  t.deepEqual(placed(seats), { kind: 'full' });
  t.deepEqual(place({ caller: 'you', slow: false, trial: 'none' }, undefined, seats, rules), {
    kind: 'run',
    seat: 2,
  });
});

const trying = (trial: Guest['trial'], seats: readonly Seat[], resident?: Lodger): Placement =>
  place({ caller: 'me', slow: true, trial }, resident, seats, rules);

test('beside nothing but slow calls of his own he may have one more, on trial', (t) => {
  const seats = [busy(0, 6, 'me', true), busy(1, 0, 'me', true), idle(2)];
  t.deepEqual(trying('this', seats), { kind: 'run', seat: 2, trial: true });
  t.deepEqual(trying('another', seats), { kind: 'long' });
  t.deepEqual(trying('none', seats), { kind: 'full' });
  const home = { home: 0, busy: false, remakeMs: 0 };
  t.deepEqual(trying('this', seats, home), { kind: 'run', seat: 2, trial: true });
  t.deepEqual(trying('this', seats, { ...home, home: 2 }), { kind: 'run', seat: 2, trial: true });
  t.deepEqual(trying('this', seats, { ...home, busy: true }), { kind: 'wait', again: false });
});

test('not beside a short one of his own, nor a second one, nor when no worker is left', (t) => {
  const slow = busy(0, 6, 'me', true);
  for (const forMs of [1, 6]) {
    t.deepEqual(trying('this', [slow, busy(1, forMs, 'me'), idle(2)]), { kind: 'full' });
  }
  const two = [slow, busy(1, 6, 'me', true)];
  t.deepEqual(trying('this', [...two, busy(2, 1, 'me'), idle(3)]), { kind: 'full' });
  t.deepEqual(trying('this', [...two, busy(2, 6, 'me'), idle(3)]), { kind: 'full' });
  t.deepEqual(trying('this', two), { kind: 'stop', spare: true });
  t.deepEqual(trying('this', [slow, idle(1)]), { kind: 'run', seat: 1 }, 'no trial is needed');
});

test('whatever the seats: only idle workers are given work, and nobody two at once', (t) => {
  const seats = fc.array(
    fc.record({
      ...{ idle: fc.boolean(), forMs: fc.nat(20) },
      caller: fc.constantFrom('me', 'you', undefined),
      slow: fc.boolean(),
      live: fc.nat(3),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 5 },
  );
  const resident = fc.option(
    fc.record({ home: fc.option(fc.nat(4), { nil: undefined }), busy: fc.boolean() }),
    { nil: undefined },
  );
  const trials = fc.constantFrom('this', 'another', 'none');
  fc.assert(
    fc.property(seats, resident, trials, (given, who, trial) => {
      const all = given.map((one, index) => ({ ...one, index }));
      const lodger = who && { ...who, remakeMs: 0 };
      const placement = place({ caller: 'me', slow: false, trial }, lodger, all, rules);
      if (placement.kind === 'wait') return who !== undefined;
      if (placement.kind !== 'run') return true;
      const own = all.filter((seat) => !seat.idle && seat.caller === 'me').length;
      const most = placement.trial === true ? rules.workers : rules.workers - 1;
      const may = own <= most && (placement.trial !== true || trial === 'this');
      return may && all[placement.seat]?.idle === true && who?.busy !== true;
    }),
  );
  t.pass();
});

test('a job that waits for a worker is told from one that waits for its sandbox', (t) => {
  t.true(wantsWorker(placed([busy(0, 1), idle(1)], { home: 0, busy: false })), 'its home is busy');
  t.true(wantsWorker(placed([busy(0, 9), busy(1, 9)])), 'all are');
  t.false(wantsWorker(placed([idle(0)], { home: 0, busy: true })), 'a call runs on it');
  t.false(wantsWorker(placed([idle(0), busy(1, 9, 'me'), busy(2, 9, 'me')])), 'he has his share');
  t.false(wantsWorker(placed([idle(0)])), 'it runs');
});
