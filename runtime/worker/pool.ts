// The pool of worker threads: takes jobs from the queue, places each, and answers for every one of
// them, whatever becomes of its thread.

import { poolLimits, type SandboxLimits } from '../../contract/limits.ts';
import { Refusal } from '../../contract/failure.ts';
import type { Outcome } from '../../contract/outcome.ts';
import type { EngineModule } from '../engine/module.ts';
import { createDirectory, type Directory, type Resident } from './directory.ts';
import { place, type Placement } from './placement.ts';
import { createQueue, type Answer, type Job } from './queue.ts';
import type { EvaluatedMessage, WorkerMessage } from './protocol.ts';
import { createRoom, type Room } from './room.ts';
import { createSandboxes, type Sandboxes } from './sandboxes.ts';
import { createSeat, lostOutcome, seen, vacate, type PoolEvent, type Seat } from './seat.ts';
import { startThread, type ThreadEvents } from './thread.ts';
import { createTraffic } from './traffic.ts';

export interface PoolOptions {
  readonly workers: number;
  /** Flags of the ABI's `boot`. */
  readonly bootFlags: number;
  readonly sandboxes: SandboxLimits;
  readonly log: (event: PoolEvent) => void;
}

const told = (id: string): string => `internal error ${id}: the server's log tells more`;

const microseconds = (ms: number): number => Math.round(ms * 1000);

/** Worker threads and the sandboxes in them. The threads start with the constructor. */
export class Pool {
  readonly #engine: EngineModule;
  readonly #options: PoolOptions;
  readonly #directory: Directory;
  readonly #room: Room;
  readonly #sandboxes: Sandboxes;
  readonly #queue = createQueue();
  readonly #traffic = createTraffic();
  readonly #seats: Seat[] = [];
  readonly #started = Promise.withResolvers<undefined>();
  readonly #watch: NodeJS.Timeout;
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(engine: EngineModule, options: PoolOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#directory = createDirectory(options.sandboxes, options.workers);
    this.#room = createRoom(this.#directory, this.#seats);
    this.#sandboxes = createSandboxes(this.#directory, this.#room);
    for (let index = 0; index < options.workers; index++) this.#addSeat();
    this.#watch = setInterval(() => {
      this.#seats.forEach((seat) => {
        this.#endSilent(seat);
      });
      this.#room.endIdle(performance.now() - options.sandboxes.sandboxIdleMs);
    }, poolLimits.watchMs);
    this.#watch.unref();
  }

  /** Resolves when every worker can evaluate; rejects when one cannot start. */
  get ready(): Promise<undefined> {
    return this.#started.promise;
  }

  /** Queues a job. Throws a Refusal when there is no room or the pool is closed. */
  submit(job: Job): void {
    if (this.#closed) throw new Refusal('UNAVAILABLE', 'the engine is closed');
    this.#queue.push(job);
    this.#traffic.add(1);
    this.#dispatch();
  }

  /** Rejects a job that nobody waits for; if it runs it is stopped, and its sandbox rolled back. */
  withdraw(job: Job, reason: Error): void {
    if (this.#queue.withdraw(job)) this.#traffic.add(-1);
    else this.#seats.find(({ work }) => work?.job === job)?.work?.stop();
    job.reject(reason);
  }

  /** Ends a sandbox, whatever it does; false when there is none. */
  forget(key: string): boolean {
    const resident = this.#directory.find(key);
    if (resident) this.#room.end(resident);
    return resident !== undefined;
  }

  /** Evaluations that run or wait. */
  load(): { readonly running: number; readonly waiting: number } {
    const running = this.#seats.filter(({ work }) => work).length;
    return { running, waiting: this.#queue.length() };
  }

  /** Sandboxes kept, and the bytes that they take beside the memory of live ones. */
  kept(): { readonly sandboxes: number; readonly bytes: number } {
    return { sandboxes: this.#directory.count(), bytes: this.#directory.bytes() };
  }

  /** The largest grant of fuel among running evaluations, for a progress line. */
  fuelGranted(): number {
    return Math.max(0, ...this.#seats.map(({ work, thread }) => (work ? thread.fuelGranted() : 0)));
  }

  /** Ends the threads; whatever runs or waits is refused as UNAVAILABLE. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    clearTimeout(this.#again);
    const gone = new Refusal('UNAVAILABLE', 'the engine was closed');
    this.#queue.clear().forEach(({ reject }) => {
      reject(gone);
    });
    await Promise.all(this.#seats.map(({ thread }) => thread.end()));
    this.#seats.forEach(({ work }) => work?.job.reject(gone));
  }

  #dispatch(): void {
    if (this.#queue.length() === 0) return;
    const { workers } = this.#options;
    const rules = { workers, slowAfterMs: poolLimits.slowAfterMs };
    this.#queue.drain((job): Answer => {
      const now = performance.now();
      const resident = this.#sandboxes.currentOf(job);
      const view = this.#seats.map((seat) => seen(seat, now));
      return this.#follow(place(job.caller, resident, view, rules), job, resident);
    });
    // What runs may turn slow, and make room, without a word.
    if (this.#queue.length() > 0) this.#dispatchSoon();
  }

  #dispatchSoon(): void {
    if (this.#again || this.#closed) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      for (const seat of this.#seats) this.#passBySlow(seat);
      this.#dispatch();
    }, poolLimits.slowAfterMs);
    this.#again.unref();
  }

  #passBySlow({ work }: Seat): void {
    if (!work?.urgent || performance.now() - work.since < poolLimits.slowAfterMs) return;
    work.urgent = false;
    this.#traffic.add(-1);
  }

  #follow(placement: Placement, job: Job, resident: Resident | undefined): Answer {
    switch (placement.kind) {
      case 'wait':
      case 'full':
        return placement.kind;
      case 'stop': {
        const seatsMax = this.#options.workers + poolLimits.spareWorkers;
        if (placement.spare && this.#seats.length < seatsMax) this.#addSeat();
        return 'stop';
      }
      case 'run': {
        const seat = this.#seats[placement.seat];
        if (!seat) throw new Error(`there is no worker ${placement.seat}`);
        this.#start(seat, job, resident);
        return 'taken';
      }
    }
  }

  #start(seat: Seat, job: Job, found: Resident | undefined): void {
    const { resident, ...message } = this.#sandboxes.prepare(seat, job, found);
    const { origin } = message;
    const since = performance.now();
    const serial = seat.thread.evaluate({ task: job.task, ...message });
    const stop = (): void => {
      seat.thread.stop(serial);
    };
    seat.work = { job, resident, origin: origin.kind, since, urgent: true, stop };
  }

  #hear(seat: Seat, message: WorkerMessage): void {
    if (message.kind === 'evaluated') this.#answer(seat, message);
    else if (message.kind === 'ready') {
      seat.ready = true;
      seat.startsFailed = 0;
      seat.idleSince = performance.now();
      if (this.#seats.every(({ ready }) => ready)) this.#started.resolve(undefined);
    } else this.#sandboxes.checkpointed(seat, message);
    this.#dispatch();
  }

  #answer(seat: Seat, message: EvaluatedMessage): void {
    const { work } = seat;
    if (!work) throw new Error('an answer that nobody asked for');
    seat.work = undefined;
    seat.idleSince = performance.now();
    if (work.urgent) this.#traffic.add(-1);
    this.#sandboxes.settle(seat, work, message);
    const { outcome, cause, restoreUs, runUs } = message;
    const usage = {
      ...outcome.usage,
      engine: this.#engine.name,
      sandbox: work.origin,
      queue_us: microseconds(work.since - work.job.since),
      restore_us: restoreUs,
      run_us: runUs,
    };
    if (outcome.status !== 'INTERNAL_SERVER_ERROR') work.job.resolve({ ...outcome, usage });
    else {
      const id = this.#report('internal_error', cause ?? 'no cause was given');
      work.job.resolve({ ...outcome, usage, message: told(id) });
    }
  }

  #addSeat(): void {
    const index = this.#seats.length;
    const seat = createSeat(
      index,
      this.#startThread(() => seat),
    );
    this.#seats.push(seat);
  }

  #startThread(seat: () => Seat) {
    const { bootFlags } = this.#options;
    const { module } = this.#engine;
    const start = { module, bootFlags, traffic: this.#traffic.words };
    return startThread(start, this.#eventsOf(seat));
  }

  #eventsOf(seat: () => Seat): ThreadEvents {
    return {
      onMessage: (message) => {
        this.#hear(seat(), message);
      },
      onLost: (cause) => {
        if (this.#closed) return;
        this.#started.reject(new Error(`a worker could not start: ${cause}`));
        const id = this.#report('worker_lost', cause);
        this.#replace(seat(), { status: 'INTERNAL_SERVER_ERROR', message: told(id) });
      },
    };
  }

  /** Second line behind the deadline at refuel: a worker that never came by there is ended. */
  #endSilent(seat: Seat): void {
    if (!seat.work) return;
    const { timeMsMax } = seat.work.job.task.limits;
    if (performance.now() - seat.work.since < timeMsMax + poolLimits.silenceMsMax) return;
    this.#report('worker_lost', 'silent past its deadline');
    void seat.thread.end();
    const message = `the call was stopped after ${timeMsMax} ms of wall-clock time`;
    this.#replace(seat, { status: 'OUT_OF_TIME', message });
  }

  /** Answers for a lost thread and starts another in its seat. */
  #replace(
    seat: Seat,
    as: { readonly status: 'INTERNAL_SERVER_ERROR' | 'OUT_OF_TIME'; readonly message: string },
  ): void {
    const { work } = seat;
    const outcome: Outcome = lostOutcome(seat, this.#engine.name, as);
    if (work?.urgent) this.#traffic.add(-1);
    if (work?.resident) this.#sandboxes.rollBack(work.resident, work.origin === 'new');
    this.#directory.liveIn(seat.index).forEach(this.#directory.unsettle);
    vacate(seat);
    work?.job.resolve(outcome);
    const delay = Math.min(poolLimits.restartMsMax, 100 * (2 ** seat.startsFailed - 1));
    seat.startsFailed += 1;
    setTimeout(() => {
      if (!this.#closed) seat.thread = this.#startThread(() => seat);
    }, delay);
    this.#dispatchSoon();
  }

  #report(event: PoolEvent['event'], cause: string): string {
    const id = crypto.randomUUID();
    this.#options.log({ event, id, cause });
    return id;
  }
}
