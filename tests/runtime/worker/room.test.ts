// A worker that a slow call holds is cleared of the sandboxes that live there.

import test from 'ava';
import { evaluationLimits, poolLimits } from '../../../contract/limits.ts';
import { createEngine } from '../../../runtime/index.ts';
import { emptyJournal } from '../../../runtime/sandbox/journal.ts';
import { noArchive } from '../../../runtime/worker/archive.ts';
import { createDirectory } from '../../../runtime/worker/directory.ts';
import type { Job } from '../../../runtime/worker/queue.ts';
import { newPast } from '../../../runtime/worker/resident.ts';
import { createRoom } from '../../../runtime/worker/room.ts';
import { createEnded, createSeat, type Seat, type Work } from '../../../runtime/worker/seat.ts';

const nothing = () => undefined;
const { clearAtOnce, clearFuel } = poolLimits;

const job: Job = {
  ...{ caller: 'a', sandbox_id: null, key: null, initDigest: '', since: 0 },
  task: { init_script: '', script: '', seed: 0n, now: 0, limits: evaluationLimits },
  ...{ resolve: nothing, reject: nothing },
};

const work = (urgent: boolean): Work => ({
  ...{ job, resident: undefined, origin: 'new', serial: 1, begun: 0, since: 0, urgent },
  ...{ trial: false, ended: createEnded() },
});

/** A worker with so many sandboxes, each with so many calls since its last checkpoint. */
const house = (lodgers: number, entries: number) => {
  const fuel = { granted: 0 };
  const rested: number[] = [];
  const seat: Seat = createSeat(0, {
    ...{ evaluate: () => 1, resume: nothing, abandon: nothing, stop: nothing, forget: nothing },
    ...{ fuelGranted: () => fuel.granted, end: () => Promise.resolve() },
    rest: (sandbox) => void rested.push(sandbox),
  });
  const limits = { sandboxesMax: 1_000, sandboxesBytesMax: 1e9, sandboxIdleMs: 1 };
  const directory = createDirectory(limits, 1);
  const journal = { ...emptyJournal, entries };
  const residents = Array.from({ length: lodgers }, (_, index) => {
    const resident = directory.enter(`${index}`, '', newPast());
    directory.remember(resident, { ...newPast(), journal });
    resident.busy = false;
    directory.settle(resident, 0, 1_000, index);
    return resident;
  });
  const room = createRoom(directory, [seat], noArchive, nothing);
  return { room, seat, fuel, rested, residents };
};

test('those that were used last leave first, a few at a time, while a slow call holds it', (t) => {
  const { room, seat, fuel, rested, residents } = house(clearAtOnce + 2, 100);
  seat.work = work(false);
  fuel.granted = clearFuel;
  const names = residents.map(({ sandbox }) => sandbox).toReversed();
  t.true(room.clear(seat), 'more are there');
  t.deepEqual(rested, names.slice(0, clearAtOnce));
  t.true(residents.at(-1)?.busy, 'it is copied out');
  t.false(room.clear(seat));
  t.deepEqual(rested, names);
  t.false(room.clear(seat), 'none is left');
});

test('one whose calls are run again in a moment just leaves', (t) => {
  const { room, seat, fuel, rested, residents } = house(1, 1);
  seat.work = work(false);
  fuel.granted = clearFuel;
  t.false(room.clear(seat));
  t.deepEqual([rested, seat.forget], [[], residents.map(({ sandbox }) => sandbox)]);
  t.is(residents[0]?.home, undefined);
});

test('nobody leaves before the call is slow and has used much; it is asked again', (t) => {
  const { room, seat, fuel, rested, residents } = house(2, 100);
  t.false(room.clear(seat), 'no call runs');
  seat.work = work(false);
  fuel.granted = clearFuel - 1;
  t.true(room.clear(seat));
  seat.work = work(true);
  fuel.granted = clearFuel;
  t.true(room.clear(seat));
  for (const one of residents) one.busy = true;
  t.false(room.clear(seat), 'none that could leave');
  t.deepEqual(rested, []);
});

test('who had to leave in the middle of a call of others is what it was', async (t) => {
  const engine = await createEngine({ workers: 1 });
  const ids = Array.from({ length: 2 * clearAtOnce + 1 }, (_, index) => `${index}`);
  const script = 'globalThis.count = (globalThis.count ?? 0) + 1';
  const visit = (sandbox_id: string) => engine.evaluate({ sandbox_id, script }, 'polite');
  try {
    for (let round = 0; round < 4; round++) for (const id of ids) await visit(id);
    const over = new AbortController();
    const slow = engine
      .evaluate({ script: 'for (;;);', limits: { fuel: 8 * clearFuel } }, 'slow')
      .finally(() => {
        over.abort();
      });
    let visits = 4;
    while (!over.signal.aborted) {
      visits += 1;
      for (const outcome of await Promise.all(ids.map(visit))) {
        t.like(outcome, { status: 'OK', result_json: `${visits}` });
      }
    }
    t.is((await slow).status, 'OUT_OF_FUEL');
    t.true(visits > 4);
  } finally {
    await engine.close();
  }
});
