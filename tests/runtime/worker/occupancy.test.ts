// createOccupancy: who runs where, and what others know of it.

import test from 'ava';
import { evaluationLimits, poolLimits } from '../../../contract/limits.ts';
import { createDirectory } from '../../../runtime/worker/directory.ts';
import { createOccupancy } from '../../../runtime/worker/occupancy.ts';
import { traffic } from '../../../runtime/worker/protocol.ts';
import type { Job } from '../../../runtime/worker/queue.ts';
import { newPast, type Resident } from '../../../runtime/worker/resident.ts';
import { createEnded, createSeat, type Seat, type Work } from '../../../runtime/worker/seat.ts';

const nothing = () => undefined;

const seatOf = (index: number, more: Partial<Seat['thread']> = {}): Seat =>
  createSeat(index, {
    ...{ evaluate: () => 1, resume: nothing, abandon: nothing, stop: nothing, rest: nothing },
    ...{ forget: nothing, fuelGranted: () => 0, end: () => Promise.resolve() },
    ...more,
  });

const residentOf = (key: string): Resident => {
  const limits = { sandboxesMax: 1_000, sandboxesBytesMax: 1e9, sandboxIdleMs: 1 };
  return createDirectory(limits, 1).enter(key, '', newPast());
};

const jobOf = (caller: string, script = '', since = 0): Job => ({
  ...{ caller, sandbox_id: null, key: null, initDigest: '', since },
  task: { init_script: '', script, seed: 0n, now: 0, limits: evaluationLimits },
  ...{ resolve: nothing, reject: nothing },
});

const workOf = (since: number): Work => ({
  job: jobOf('a', '', since),
  ...{
    resident: undefined,
    origin: 'new',
    serial: 1,
    begun: since,
    since,
    urgent: true,
    trial: false,
  },
  ended: createEnded(),
});

test('a call is counted while it runs, and its worker is busy', (t) => {
  const occupancy = createOccupancy(2);
  const counts = new Int32Array(occupancy.words);
  const seat = seatOf(0);
  const work = workOf(performance.now());
  occupancy.begin(seat, work);
  t.is(seat.work, work);
  t.deepEqual([counts[traffic.running], counts[traffic.urgent]], [1, 1]);
  t.true(seat.share.at(performance.now() + poolLimits.shareMs) > 0.5);
  t.is(occupancy.leave(seat), work);
  t.is(seat.work, undefined);
  t.deepEqual([counts[traffic.running], counts[traffic.urgent]], [0, 0]);
  t.throws(() => occupancy.leave(seat), { message: /nobody asked/ });
});

test('what has run for long is slow, and who runs such calls is known for it', (t) => {
  const occupancy = createOccupancy(2);
  const counts = new Int32Array(occupancy.words);
  const seat = seatOf(0);
  occupancy.begin(seat, workOf(performance.now() + 1_000));
  occupancy.passBy(seat);
  t.is(counts[traffic.urgent], 1, 'its sandbox is being made');
  occupancy.leave(seat);
  t.false(occupancy.expect(jobOf('a'), undefined, false).slow);
  for (let call = 0; call < 8; call++) {
    occupancy.begin(seat, workOf(performance.now() - poolLimits.slowAfterMs));
    occupancy.passBy(seat);
    t.is(counts[traffic.urgent], 0);
    occupancy.leave(seat);
  }
  t.true(occupancy.expect(jobOf('a'), undefined, false).slow);
  t.false(occupancy.expect(jobOf('b'), undefined, false).slow);
});

test("a sandbox is known by its own calls, a new one by its caller's, a trial by nothing", (t) => {
  const occupancy = createOccupancy(2);
  const seat = seatOf(0, { fuelGranted: () => 1e8 });
  const expected = (trial: boolean, resident?: Resident) =>
    occupancy.expect(jobOf('a', 'another script'), resident, trial).fuelExpected;
  t.is(expected(false), 0);
  const long = residentOf('long');
  for (let call = 0; call < 40; call++) {
    const work = { ...workOf(performance.now()), resident: long };
    occupancy.begin(seat, work);
    occupancy.judge(seat, occupancy.leave(seat), 'OK');
  }
  t.is(Math.round(expected(false) / 1e6), 100);
  t.is(expected(true), 0);
  t.is(long.fuelMean, 1e8);
  t.is(expected(false, { ...residentOf('short'), fuelMean: 7 }), 7);
});

test('who moves is taken to bring work along', (t) => {
  const occupancy = createOccupancy(2);
  const [from, to] = [seatOf(0), seatOf(1)];
  from.share.shift(1);
  occupancy.moved(from, to);
  t.is(from.share.at(0), 1 - poolLimits.movedShare);
  t.is(to.share.at(0), poolLimits.movedShare);
});

test('a call on trial ends when another waits for a worker, and no other call does', (t) => {
  const occupancy = createOccupancy(2);
  const stopped: string[] = [];
  const seats = ['slow', 'on trial'].map((name, index) =>
    seatOf(index, { stop: (serial) => void stopped.push(`${name} ${serial}`) }),
  );
  const [slow, tried] = [workOf(0), { ...workOf(0), serial: 7, trial: true }];
  [slow, tried].forEach((work, index) => {
    const seat = seats[index];
    if (seat) occupancy.begin(seat, work);
  });
  occupancy.hurry(seats, 'a');
  t.deepEqual(stopped, [], 'its own caller has more of them');
  occupancy.hurry(seats, 'b');
  occupancy.hurry(seats, 'c');
  t.deepEqual(stopped, ['on trial 7']);
});

test('what ended since another waited goes back to its place, unless it was done by then', (t) => {
  const occupancy = createOccupancy(1);
  const seat = seatOf(0);
  const resident = undefined;
  const tried = { ...workOf(performance.now()), resident, trial: true, hurried: true };
  t.true(occupancy.judge(seat, tried, 'OUT_OF_TIME'));
  t.false(occupancy.judge(seat, tried, 'OK'));
  t.false(occupancy.judge(seat, { ...tried, hurried: false }, 'OUT_OF_TIME'), 'its own limit');
});

test('what was told to end says nothing of its caller', (t) => {
  const occupancy = createOccupancy(1);
  const seat = seatOf(0);
  const run = (work: Work): void => {
    occupancy.begin(seat, work);
    occupancy.leave(seat);
  };
  for (let call = 0; call < 8; call++) run(workOf(performance.now() - poolLimits.slowAfterMs));
  for (let call = 0; call < 8; call++) run({ ...workOf(performance.now()), hurried: true });
  t.true(occupancy.isSlow('a'));
  for (let call = 0; call < 8; call++) run(workOf(performance.now()));
  t.false(occupancy.isSlow('a'));
});

test('a script is known by its own calls, and is not tried when it is too long for that', (t) => {
  const occupancy = createOccupancy(1);
  const seat = seatOf(0, { fuelGranted: () => poolLimits.trialFuel });
  const [long, other] = [jobOf('a', 'long()'), jobOf('a', 'other()')];
  t.is(occupancy.guestOf(long, undefined, true).trial, 'this');
  occupancy.begin(seat, { ...workOf(performance.now()), job: long });
  occupancy.leave(seat);
  t.is(occupancy.guestOf(long, undefined, true).trial, 'another');
  t.is(occupancy.guestOf(other, undefined, true).trial, 'this');
  const small = { ...residentOf('small'), fuelMean: 7 };
  t.is(occupancy.expect(long, small, false).fuelExpected, poolLimits.trialFuel);
  t.is(occupancy.expect(other, small, false).fuelExpected, 7);
});
