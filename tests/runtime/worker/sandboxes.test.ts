// Where sandboxes come from, call by call: whose init images are used, what is replayed, and what a
// stop or a lost thread leaves in the books.

import test from 'ava';
import {
  evaluationLimits,
  initImageLimits,
  journalLimits,
  poolLimits,
} from '../../../contract/limits.ts';
import type { Untimed } from '../../../runtime/sandbox/evaluate.ts';
import type { InitImage } from '../../../runtime/sandbox/init-image.ts';
import { createDirectory } from '../../../runtime/worker/directory.ts';
import type { EvaluatedMessage, Origin } from '../../../runtime/worker/protocol.ts';
import type { Job } from '../../../runtime/worker/queue.ts';
import { noArchive } from '../../../runtime/worker/archive.ts';
import { createInitImages } from '../../../runtime/worker/init-images.ts';
import { createRoom } from '../../../runtime/worker/room.ts';
import { createSandboxes } from '../../../runtime/worker/sandboxes.ts';
import { createEnded, createSeat, type Seat } from '../../../runtime/worker/seat.ts';

const job = (change: Partial<Job> = {}, fuelMax = 1e9): Job => ({
  ...{ caller: 'alice', sandbox_id: 'k', key: 'k', initDigest: 'd', since: 0 },
  task: {
    ...{ init_script: 'init', script: 's', seed: 0n, now: 0 },
    limits: { ...evaluationLimits, fuelMax },
  },
  resolve: () => undefined,
  reject: () => undefined,
  ...change,
});

const image: InitImage = {
  fuel: initImageLimits.fuelMin,
  ...{ stdout: new Uint8Array(), stderr: new Uint8Array() },
  delta: {
    ...{ places: new Uint32Array(), blocks: new Uint8Array(), globals: [], memoryBytes: 0 },
  },
};

const ran = (fuel: number): EvaluatedMessage['ran'][number] => ({ stage: 'SCRIPT', fuel });

const evaluated = (
  state: Untimed['state'],
  change: Partial<EvaluatedMessage> = {},
): EvaluatedMessage => ({
  kind: 'evaluated',
  outcome: {
    ...{ status: 'OK', result_json: '1', stdout: '', stderr: '', state },
    usage: { fuel: 1, memory_bytes: 1 },
  },
  ...{ ran: [ran(1)], slotBytes: 1, restoreUs: 0, runUs: 0, image: undefined, cause: undefined },
  ...{ unawaited: [], checkpoint: undefined, checkpointing: false },
  ...change,
});

const asked = { serial: 1, begun: 0, since: 0, urgent: true, trial: false };
const timing = { ...asked, ended: createEnded() };

const books = (sandboxesMax = 100) => {
  const rested: number[] = [];
  const thread = {
    evaluate: () => 1,
    resume: () => undefined,
    abandon: () => undefined,
    stop: () => undefined,
    rest: (sandbox: number) => rested.push(sandbox),
    forget: () => undefined,
    fuelGranted: () => 0,
    end: () => Promise.resolve(),
  };
  const seats: Seat[] = [0, 1].map((index) => createSeat(index, thread));
  const directory = createDirectory({ sandboxesMax, sandboxesBytesMax: 1e12, sandboxIdleMs: 1 }, 2);
  const archive = noArchive;
  const room = createRoom(directory, seats, archive, () => undefined);
  const images = createInitImages();
  const onLoaded = () => undefined;
  const sandboxes = createSandboxes({ directory, room, archive, images, onLoaded });
  const call = (seat: number, one: Job, message: EvaluatedMessage): Origin => {
    const at = seats[seat] ?? createSeat(seat, thread);
    const found = sandboxes.currentOf(one);
    const { resident, origin } = sandboxes.prepare(at, one, found);
    const work = { job: one, resident, origin: origin.kind, ...timing };
    sandboxes.settle(at, work, message);
    return origin;
  };
  return { call, directory, sandboxes, seats, rested };
};

const imageIn = (origin: Origin): boolean => 'image' in origin && origin.image !== undefined;

test('an image is for its own caller, init_script and memory limit, and enough fuel', (t) => {
  const { call } = books();
  t.false(imageIn(call(0, job({ key: null }), evaluated('lost', { image }))));
  t.true(imageIn(call(0, job({ key: null }), evaluated('lost'))));
  t.true(imageIn(call(1, job({ key: 'other' }), evaluated('kept'))));
  t.false(imageIn(call(0, job({ key: null, caller: 'bob' }), evaluated('lost'))));
  t.false(imageIn(call(0, job({ key: null, initDigest: 'e' }), evaluated('lost'))));
  t.false(imageIn(call(0, job({ key: null }, image.fuel - 1), evaluated('lost'))));
  const { task } = job();
  const smaller = { ...task, limits: { ...task.limits, memoryBytesMax: 1 } };
  t.false(imageIn(call(0, job({ key: null, task: smaller }), evaluated('lost'))));
});

test('a sandbox is live at home, and elsewhere made again from all that it did', (t) => {
  const { call, seats } = books();
  t.is(call(0, job(), evaluated('kept')).kind, 'new');
  t.is(call(0, job(), evaluated('kept')).kind, 'live');
  const moved = call(1, job(), evaluated('kept'));
  t.is(moved.kind === 'dormant' && moved.journal.length, 2);
  t.deepEqual(seats[0]?.forget, [1]);
  t.is(call(1, job(), evaluated('kept')).kind, 'live');
});

test('a stop leaves the journal as it was; of a new sandbox, its INIT', (t) => {
  const { call } = books();
  call(0, job(), evaluated('kept'));
  t.is(call(0, job(), evaluated('rolled_back', { ran: [] })).kind, 'live');
  const after = call(0, job(), evaluated('kept'));
  t.is(after.kind === 'dormant' && after.journal.length, 1);
  const init = { stage: 'INIT', fuel: 3 } as const;
  const one = job({ key: 'n' });
  call(0, one, evaluated('rolled_back', { ran: [init] }));
  const made = call(0, one, evaluated('kept'));
  const { seed, now, limits, init_script: source } = one.task;
  t.deepEqual(made.kind === 'dormant' && made.journal, [{ ...init, source, seed, now, limits }]);
});

test('a checkpoint takes the place of the journal, and the sandbox waits for it', (t) => {
  const { call, directory, sandboxes, seats } = books();
  call(0, job(), evaluated('kept', { checkpointing: true }));
  t.true(directory.find('k')?.busy);
  const bytes = new Uint8Array(3);
  const [seat] = seats;
  if (seat) sandboxes.checkpointed(seat, { kind: 'checkpoint', sandbox: 1, bytes });
  t.false(directory.find('k')?.busy);
  const elsewhere = call(1, job(), evaluated('kept'));
  t.true(elsewhere.kind === 'dormant' && elsewhere.checkpoint === bytes);
  t.is(elsewhere.kind === 'dormant' && elsewhere.journal.length, 0);
});

test('a journal that was run again is a checkpoint, also when the call is then stopped', (t) => {
  const { call, sandboxes, seats, directory } = books();
  const [one, seat] = [job(), seats[0]];
  call(1, one, evaluated('kept'));
  if (!seat) throw new Error('no seat');
  const { resident } = sandboxes.prepare(seat, one, sandboxes.currentOf(one));
  seat.work = { job: one, resident, origin: 'dormant', ...timing };
  const bytes = new Uint8Array(7);
  sandboxes.checkpointed(seat, { kind: 'replayed', sandbox: 1, bytes });
  t.true(resident?.busy);
  sandboxes.settle(seat, seat.work, evaluated('rolled_back', { ran: [] }));
  t.is(directory.find('k')?.past.checkpoint, bytes);
  t.is(directory.find('k')?.past.journal.entries, 0);
});

test('who must rest and has done little is just dropped; who did much is copied out first', (t) => {
  const { call, directory, rested, seats, sandboxes } = books(1_000);
  const heavy = evaluated('kept', { ran: [ran(journalLimits.lightFuelMax + 1)] });
  call(0, job({ key: 'heavy' }), heavy);
  call(0, job({ key: 'light' }), evaluated('kept'));
  const { liveCheapPerWorkerMax, livePerWorkerMax } = poolLimits;
  for (let index = 0; index < liveCheapPerWorkerMax; index++) {
    call(0, job({ key: `light${index}` }), evaluated('kept'));
  }
  t.deepEqual([rested, seats[0]?.forget], [[], [2]]);
  for (const index of Array(livePerWorkerMax - liveCheapPerWorkerMax).keys()) {
    call(0, job({ key: `heavy${index}` }), heavy);
  }
  t.deepEqual(rested, [1]);
  t.true(directory.find('heavy')?.busy);
  const [seat] = seats;
  const bytes = new Uint8Array(5);
  if (seat) sandboxes.checkpointed(seat, { kind: 'rested', sandbox: 1, bytes });
  t.is(directory.find('heavy')?.past.checkpoint, bytes);
  t.is(directory.find('heavy')?.home, undefined);
});

test('another init_script ends the sandbox and makes another', (t) => {
  const { call, seats } = books();
  call(0, job(), evaluated('kept'));
  t.is(call(1, job({ initDigest: 'e' }), evaluated('kept')).kind, 'new');
  t.deepEqual(seats[0]?.forget, [1]);
});

test('a job that is only looked at, and may be withdrawn yet, ends no sandbox', (t) => {
  const { call, sandboxes } = books();
  call(0, job(), evaluated('kept'));
  t.is(sandboxes.currentOf(job({ initDigest: 'e' })), undefined);
  t.is(call(0, job(), evaluated('kept')).kind, 'live');
});

test('a call that is stopped is a use too, and keeps nobody else from being idle', (t) => {
  const { call, directory } = books(2);
  call(0, job({ key: 'first' }), evaluated('kept'));
  call(0, job({ key: 'second' }), evaluated('kept'));
  const between = performance.now();
  call(0, job({ key: 'first' }), evaluated('rolled_back', { ran: [] }));
  t.is(directory.idle(between)?.key, 'second');
  call(0, job({ key: 'third' }), evaluated('kept'));
  t.is(directory.find('second'), undefined, 'the least recently used one is forgotten');
  t.truthy(directory.find('first'));
});

test('a checkpoint that another replaces gives its memory back', (t) => {
  const { call, directory, sandboxes, seats } = books();
  const [seat] = seats;
  if (!seat) throw new Error('there are two');
  call(0, job(), evaluated('kept'));
  const resident = directory.find('k');
  const [first, second] = [1, 2].map(() => {
    const bytes = new Uint8Array(4096);
    bytes.set(new TextEncoder().encode('PDW1'));
    return bytes;
  });
  if (!resident || !first || !second) throw new Error('it was entered');
  for (const bytes of [first, second]) {
    seat.resting.set(resident.sandbox, resident);
    sandboxes.checkpointed(seat, { kind: 'rested', sandbox: resident.sandbox, bytes });
  }
  t.is(first.length, 0);
  t.is(resident.past.checkpoint, second);
  t.is(second.length, 4096);
});
