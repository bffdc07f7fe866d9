// createOccupancy: who runs where, and what others know of it.

import test from 'ava';
import { evaluationLimits, poolLimits } from '../../../contract/limits.ts';
import { createOccupancy } from '../../../runtime/worker/occupancy.ts';
import { traffic } from '../../../runtime/worker/protocol.ts';
import { createEnded, createSeat, type Seat, type Work } from '../../../runtime/worker/seat.ts';

const nothing = () => undefined;

const seatOf = (index: number): Seat =>
  createSeat(index, {
    ...{ evaluate: () => 1, resume: nothing, abandon: nothing, stop: nothing, rest: nothing },
    ...{ forget: nothing, fuelGranted: () => 0, end: () => Promise.resolve() },
  });

const workOf = (since: number): Work => ({
  job: {
    ...{ caller: 'a', sandbox_id: null, key: null, initDigest: '', since },
    task: { init_script: '', script: '', seed: 0n, now: 0, limits: evaluationLimits },
    ...{ resolve: nothing, reject: nothing },
  },
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
  t.false(occupancy.isSlow('a'));
  for (let call = 0; call < 8; call++) {
    occupancy.begin(seat, workOf(performance.now() - poolLimits.slowAfterMs));
    occupancy.passBy(seat);
    t.is(counts[traffic.urgent], 0);
    occupancy.leave(seat);
  }
  t.true(occupancy.isSlow('a'));
  t.false(occupancy.isSlow('b'));
});

test('who moves is taken to bring work along', (t) => {
  const occupancy = createOccupancy(2);
  const [from, to] = [seatOf(0), seatOf(1)];
  from.share.shift(1);
  occupancy.moved(from, to);
  t.is(from.share.at(0), 1 - poolLimits.movedShare);
  t.is(to.share.at(0), poolLimits.movedShare);
});
