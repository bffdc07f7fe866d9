// The pool of worker threads: takes jobs from the queue, places each, and answers for every one of
// them, whatever becomes of its thread.

import { poolLimits, type SandboxLimits } from '../../contract/limits.ts';
import { Refusal } from '../../contract/failure.ts';
import type { Outcome, Stopped } from '../../contract/outcome.ts';
import type { EngineModule } from '../engine/module.ts';
import type { Image } from '../engine/image.ts';
import { createDirectory, type Directory, type Resident } from './directory.ts';
import { place, type Placement } from './placement.ts';
import { createQueue, type Job } from './queue.ts';
import type { Origin, WorkerMessage } from './protocol.ts';
import type { PoolEvent, Seat } from './seat.ts';
import { startThread, type ThreadEvents } from './thread.ts';

export interface PoolOptions {
  readonly workers: number;
  /** Flags of the ABI's `boot`. */
  readonly bootFlags: number;
  readonly sandboxes: SandboxLimits;
  readonly log: (event: PoolEvent) => void;
}

const told = (id: string): string => `internal error ${id}: the server's log tells more`;

/** Worker threads and the sandboxes in them. The threads start with the constructor. */
export class Pool {
  readonly #engine: EngineModule;
  readonly #options: PoolOptions;
  readonly #directory: Directory;
  readonly #queue = createQueue();
  readonly #seats: Seat[] = [];
  readonly #started = Promise.withResolvers<undefined>();
  readonly #watch: NodeJS.Timeout;
  #closed = false;

  constructor(engine: EngineModule, options: PoolOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#directory = createDirectory(options.sandboxes, options.workers);
    for (let index = 0; index < options.workers; index++) this.#seats.push(this.#seat(index));
    this.#watch = setInterval(() => {
      this.#seats.forEach((seat) => {
        this.#endSilent(seat);
      });
      this.#endIdle();
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
    this.#dispatch();
  }

  /** Refuses a job that still waits; one that runs goes on to its end. */
  withdraw(job: Job): void {
    if (this.#queue.withdraw(job)) job.reject(new Refusal('UNAVAILABLE', 'withdrawn'));
  }

  /** Evaluations that run or wait. */
  load(): { readonly running: number; readonly waiting: number } {
    const running = this.#seats.filter(({ work }) => work).length;
    return { running, waiting: this.#queue.length() };
  }

  /** The largest grant of fuel among running evaluations, for a progress line. */
  fuelGranted(): number {
    return Math.max(0, ...this.#seats.map(({ work, thread }) => (work ? thread.fuelGranted() : 0)));
  }

  /** Ends the threads; whatever runs or waits is refused as UNAVAILABLE. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    const gone = new Refusal('UNAVAILABLE', 'the engine was closed');
    this.#queue.clear().forEach(({ reject }) => {
      reject(gone);
    });
    await Promise.all(this.#seats.map(({ thread }) => thread.end()));
    this.#seats.forEach(({ work }) => work?.job.reject(gone));
  }

  #dispatch(): void {
    const asked = { again: false };
    this.#queue.drain((job) => {
      const view = this.#seats.map((seat) => this.#seen(seat));
      if (!view.some(({ idle }) => idle)) return 'full';
      const resident = this.#currentOf(job);
      const placement = place(resident, view, poolLimits.moveAfterMs);
      if (placement.kind === 'wait') {
        asked.again ||= placement.again;
        return 'wait';
      }
      this.#follow(placement, job, resident);
      return 'taken';
    });
    if (asked.again) this.#dispatchSoon();
  }

  #dispatchSoon(): void {
    setTimeout(() => {
      if (!this.#closed) this.#dispatch();
    }, poolLimits.moveAfterMs).unref();
  }

  #seen(seat: Seat) {
    const { index, ready, work } = seat;
    const busyMs = work ? performance.now() - work.since : ready ? 0 : Infinity;
    return { index, idle: ready && !work, busyMs, sandboxes: this.#directory.countOf(index) };
  }

  /**
   * The sandbox that a job continues. Another init_script makes another sandbox: the old one ends.
   */
  #currentOf(job: Job): Resident | undefined {
    const resident = job.key === null ? undefined : this.#directory.find(job.key);
    if (!resident || resident.busy || resident.initDigest === job.initDigest) return resident;
    this.#directory.strike(resident);
    this.#seats[resident.home]?.forget.push(resident.sandbox);
    return undefined;
  }

  #follow(placement: Placement, job: Job, resident: Resident | undefined): void {
    if (placement.kind === 'run') {
      const seat = this.#seats[placement.seat];
      if (!seat) throw new Error(`there is no worker ${placement.seat}`);
      if (resident) this.#resume(seat, job, resident);
      else this.#create(seat, job);
    } else if (placement.kind === 'move' && resident) {
      const [from, to] = [this.#seats[placement.from], this.#seats[placement.to]];
      if (!from || !to) throw new Error('there is no such worker');
      resident.busy = true;
      to.work = { job, resident, awaits: from.index, since: performance.now() };
      from.thread.release(resident.sandbox);
    }
  }

  #resume(seat: Seat, job: Job, resident: Resident): void {
    resident.busy = true;
    this.#send(seat, job, resident, { kind: 'live', sandbox: resident.sandbox });
  }

  #create(seat: Seat, job: Job): void {
    if (job.key === null) {
      this.#send(seat, job, undefined, { kind: 'one-shot' });
      return;
    }
    seat.forget.push(...this.#directory.makeRoom(seat.index, 1));
    const resident = this.#directory.enter(job.key, job.initDigest, seat.index);
    this.#send(seat, job, resident, { kind: 'created', sandbox: resident.sandbox });
  }

  #send(seat: Seat, job: Job, resident: Resident | undefined, origin: Origin): void {
    const { forget } = seat;
    seat.forget = [];
    seat.work = { job, resident, since: performance.now() };
    seat.thread.evaluate({ task: job.task, origin, forget });
  }

  #hear(seat: Seat, message: WorkerMessage): void {
    if (message.kind === 'released') this.#arrive(message.sandbox, message.image);
    else if (message.kind === 'evaluated') {
      const { outcome, cause } = message;
      if (outcome.status !== 'INTERNAL_SERVER_ERROR') this.#answer(seat, outcome);
      else {
        const id = this.#report('internal_error', cause ?? 'no cause was given');
        this.#answer(seat, { ...outcome, message: told(id) });
      }
    } else {
      seat.ready = true;
      seat.startsFailed = 0;
      if (this.#seats.every(({ ready }) => ready)) this.#started.resolve(undefined);
      this.#dispatch();
    }
  }

  #answer(seat: Seat, outcome: Outcome): void {
    const { work } = seat;
    seat.work = undefined;
    if (work?.resident) {
      if (outcome.state === 'kept') {
        this.#directory.touch(work.resident, outcome.usage.memory_bytes, performance.now());
        seat.forget.push(...this.#directory.makeRoom(seat.index, 0));
      } else this.#directory.strike(work.resident);
    }
    work?.job.resolve(outcome);
    this.#dispatch();
  }

  /** A sandbox has left its old home: its new one goes on. */
  #arrive(sandbox: number, image: Image): void {
    const seat = this.#seats.find(
      ({ work }) => work?.awaits !== undefined && work.resident?.sandbox === sandbox,
    );
    if (!seat?.work?.resident) return;
    const { job, resident } = seat.work;
    resident.home = seat.index;
    this.#send(seat, job, resident, { kind: 'moved', sandbox, image });
  }

  #seat(index: number): Seat {
    const seat: Seat = {
      index,
      thread: startThread(
        this.#engine,
        this.#options.bootFlags,
        this.#eventsOf(() => seat),
      ),
      ready: false,
      forget: [],
      startsFailed: 0,
    };
    return seat;
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
        this.#replace(seat(), 'INTERNAL_SERVER_ERROR', told(id));
      },
    };
  }

  /**
   * Second line behind the deadline at refuel: a worker that never came by there is ended, be it
   * that it does not answer or that it does not hand a sandbox over.
   */
  #endSilent({ index, work }: Seat): void {
    if (!work) return;
    const { timeMsMax } = work.job.task.limits;
    if (performance.now() - work.since < timeMsMax + poolLimits.silenceMsMax) return;
    const seat = this.#seats[work.awaits ?? index];
    if (!seat) throw new Error(`there is no worker ${work.awaits ?? index}`);
    this.#report('worker_lost', 'silent past its deadline');
    void seat.thread.end();
    const message = `the call was stopped after ${timeMsMax} ms of wall-clock time`;
    this.#replace(seat, 'OUT_OF_TIME', message);
  }

  #endIdle(): void {
    const { sandboxIdleMs } = this.#options.sandboxes;
    for (const { home, sandbox } of this.#directory.strikeIdle(performance.now() - sandboxIdleMs)) {
      this.#seats[home]?.thread.forget(sandbox);
    }
  }

  /** Answers for a lost thread and starts another in its seat. */
  #replace(seat: Seat, status: Stopped['status'], message: string): void {
    const { work } = seat;
    const usage = { fuel: seat.thread.fuelGranted(), memory_bytes: 0, engine: this.#engine.name };
    seat.ready = false;
    seat.forget = [];
    seat.work = undefined;
    if (work?.resident) this.#directory.strike(work.resident);
    this.#directory.strikeHome(seat.index);
    const outcome = { stage: 'SCRIPT', stdout: '', stderr: '', usage, state: 'lost' } as const;
    work?.job.resolve({ status, message, ...outcome });
    this.#orphan(seat.index);
    const delay = Math.min(poolLimits.restartMsMax, 100 * (2 ** seat.startsFailed - 1));
    seat.startsFailed += 1;
    setTimeout(() => {
      if (this.#closed) return;
      const events = this.#eventsOf(() => seat);
      seat.thread = startThread(this.#engine, this.#options.bootFlags, events);
    }, delay);
  }

  /** Work that waited for a sandbox of a lost worker starts anew: that state is gone. */
  #orphan(home: number): void {
    for (const seat of this.#seats) {
      const { work } = seat;
      if (work?.awaits !== home) continue;
      seat.work = undefined;
      if (work.resident) this.#directory.strike(work.resident);
      this.#create(seat, work.job);
    }
  }

  #report(event: PoolEvent['event'], cause: string): string {
    const id = crypto.randomUUID();
    this.#options.log({ event, id, cause });
    return id;
  }
}
