// A worker that a slow call holds is cleared of the sandboxes that live there.

import test from 'ava';
import { evaluationLimits, poolLimits } from '../../../contract/limits.ts';
import type { Outcome } from '../../../contract/outcome.ts';
import { loadModule } from '../../../runtime/engine/module.ts';
import { emptyJournal } from '../../../runtime/sandbox/journal.ts';
import { noArchive } from '../../../runtime/worker/archive.ts';
import { createDirectory } from '../../../runtime/worker/directory.ts';
import { Pool } from '../../../runtime/worker/pool.ts';
import type { Job } from '../../../runtime/worker/queue.ts';
import { newPast } from '../../../runtime/worker/resident.ts';
import { createRoom } from '../../../runtime/worker/room.ts';
import { createEnded, createSeat, type Seat, type Work } from '../../../runtime/worker/seat.ts';
import { startThread, type StartThread } from '../../../runtime/worker/thread.ts';

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

const openPool = async (rested: number[]): Promise<Pool> => {
  const start: StartThread = (parts, events) => {
    const thread = startThread(parts, events);
    const rest = (sandbox: number): void => {
      rested.push(sandbox);
      thread.rest(sandbox);
    };
    return { ...thread, rest };
  };
  const sandboxes = { sandboxesMax: 100, sandboxesBytesMax: 1e9, sandboxIdleMs: 1e9 };
  const pool = new Pool(await loadModule(), {
    threads: { workers: 1, spare: 0, start },
    ...{ bootFlags: 0, sandboxes, host: {}, state: undefined, log: nothing },
  });
  await pool.ready;
  return pool;
};

test('who had to leave in the middle of a call of others is what it was', async (t) => {
  const rested: number[] = [];
  const pool = await openPool(rested);
  const run = (key: string | null, script: string, fuelMax: number): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const limits = { ...evaluationLimits, fuelMax };
      const task = { init_script: '', script, seed: 0n, now: 0, limits };
      const caller = key === null ? 'slow' : 'polite';
      const names = { caller, sandbox_id: key, key, initDigest: '', since: performance.now() };
      pool.submit({ ...names, task, resolve, reject });
    });
  const ids = Array.from({ length: 2 * clearAtOnce + 1 }, (_, index) => `${index}`);
  const visit = (id: string) =>
    run(id, 'globalThis.count = (globalThis.count ?? 0) + 1', evaluationLimits.fuelMax);
  try {
    for (let round = 0; round < 4; round++) await Promise.all(ids.map(visit));
    t.deepEqual(rested, []);
    const slow = run(null, 'for (;;);', 40 * clearFuel);
    while (rested.length < ids.length) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const outcome of await Promise.all(ids.map(visit))) {
      t.like(outcome, { status: 'OK', result_json: '5', usage: { sandbox: 'dormant' } });
    }
    t.is((await slow).status, 'OUT_OF_FUEL');
    t.is(new Set(rested).size, ids.length, 'each has left once');
  } finally {
    await pool.close();
  }
});
