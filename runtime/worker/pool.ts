// The pool of worker threads: takes jobs from the queue, places each, and answers for every one of
// them, whatever becomes of its thread.

import { poolLimits } from '../../contract/limits.ts';
import { Refusal } from '../../contract/failure.ts';
import type { EngineModule } from '../engine/module.ts';
import { createBooks, type Books } from './books.ts';
import type { Directory } from './directory.ts';
import type { Resident } from './resident.ts';
import { createOccupancy, type Occupancy } from './occupancy.ts';
import { place, wantsWorker, type Placement } from './placement.ts';
import { createQueue, type Answer, type Job } from './queue.ts';
import type { EvaluatedMessage, PendingMessage, WorkerMessage } from './protocol.ts';
import type { Sandboxes } from './sandboxes.ts';
import { hostNamesOf } from './host-functions.ts';
import { fuelGrantedIn, loadOf, type Load } from './load.ts';
import { createEnded, isIdle, lostOutcome, outcomeOf, seen, stoppedAfter } from './seat.ts';
import type { LostAs, PoolEvent, Seat, Work } from './seat.ts';
import type { PoolOptions } from './pool-options.ts';
import { createSeats, type SeatEvents, type Seats } from './seats.ts';
import { createWaitingCalls, type WaitingCalls } from './waiting.ts';

const { slowAfterMs, unevenMin } = poolLimits;

const told = (id: string): string => `internal error ${id}: the server's log tells more`;

/** Worker threads and the sandboxes in them. The threads start with the constructor. */
export class Pool {
  readonly #engine: EngineModule;
  readonly #options: PoolOptions;
  readonly #directory: Directory;
  /** What is known of sandboxes. */
  readonly books: Books;
  readonly #sandboxes: Sandboxes;
  readonly #queue = createQueue();
  readonly #occupancy: Occupancy;
  readonly #waiting: WaitingCalls;
  readonly #seats: Seats;
  readonly #started = Promise.withResolvers<undefined>();
  readonly #watch: NodeJS.Timeout;
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(engine: EngineModule, options: PoolOptions) {
    this.#engine = engine;
    this.#options = options;
    const { bootFlags, host, threads } = options;
    this.#occupancy = createOccupancy(threads.workers);
    const start = { bootFlags, module: engine.module, hostNames: hostNamesOf(host) };
    const events: SeatEvents = { onMessage: this.#hear.bind(this), onLost: this.#lost.bind(this) };
    this.#seats = createSeats({ ...start, traffic: this.#occupancy.words }, threads, events);
    const onAnswer = this.#dispatch.bind(this);
    this.books = createBooks({
      ...{ workers: threads.workers + threads.spare, limits: options.sandboxes },
      ...{ seats: this.#seats.all, state: options.state, onLoaded: onAnswer },
      onFault: (cause) => this.#report('internal_error', cause),
    });
    this.#directory = this.books.directory;
    this.#sandboxes = this.books.sandboxes;
    this.#waiting = createWaitingCalls({
      ...{ functions: host, onAnswer },
      onLate: (seat, work) => {
        this.#end(seat, work, { status: 'OUT_OF_TIME', message: stoppedAfter(work) });
      },
    });
    for (let index = 0; index < threads.workers; index++) this.#seats.add();
    this.#watch = setInterval(() => {
      for (const seat of this.#seats.all) this.#endSilent(seat);
      this.books.endIdle(performance.now() - options.sandboxes.sandboxIdleMs);
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

  /** Rejects a job that nobody waits for; if it runs it is stopped, and its sandbox rolled back. */
  withdraw(job: Job, reason: Error): void {
    this.#queue.withdraw(job);
    const running = this.#seats.all.find(({ work }) => work?.job === job);
    if (running?.work) {
      running.work.ended.end();
      running.thread.stop(running.work.serial);
    }
    const waiting = this.#waiting.giveUp((work) => work.job === job);
    if (waiting?.resident) this.#sandboxes.rollBack(waiting.resident, waiting.origin === 'new');
    job.reject(reason);
  }

  /** Evaluations that run, waits for host functions included, or wait for a worker. */
  load(): Load {
    return loadOf(this.#seats.all, this.#waiting.count(), this.#queue.length());
  }

  /** The largest grant of fuel among running evaluations, for a progress line. */
  fuelGranted(): number {
    return fuelGrantedIn(this.#seats.all);
  }

  /** Ends the threads; whatever runs or waits is refused as UNAVAILABLE. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    clearTimeout(this.#again);
    const gone = new Refusal('UNAVAILABLE', 'the engine was closed');
    for (const { reject } of this.#queue.clear()) reject(gone);
    await this.#seats.end();
    await this.books.close();
    const begun = [...this.#seats.all.map(({ work }) => work), ...this.#waiting.clear()];
    begun.forEach((work) => {
      work?.ended.end();
      work?.job.reject(gone);
    });
  }

  #dispatch(): void {
    this.#resume();
    if (this.#queue.length() > 0) this.#drain();
    this.#occupancy.settle();
    if (this.#queue.length() > 0) this.#dispatchSoon();
  }

  #drain(): void {
    const { liveCount } = this.#directory;
    const { workers } = this.#options.threads;
    this.#queue.drain((job, trial): Answer => {
      // Beside a call on trial all of his may come to wait.
      const refused = this.#waiting.refused(job.caller, trial ? workers : 0);
      if (refused) return refused === 'all' ? 'stop' : 'full';
      const now = performance.now();
      const resident = this.#sandboxes.currentOf(job);
      const view = this.#seats.all.map((seat) => seen(seat, now, liveCount(seat.index)));
      const guest = this.#occupancy.guestOf(job, resident, trial);
      const placement = place(guest, resident, view, { workers, slowAfterMs, unevenMin });
      if (wantsWorker(placement)) this.#occupancy.hurry(this.#seats.all, job.caller);
      return this.#follow(placement, job, resident);
    });
  }

  /** What runs turns slow without a word: it makes room then, and gives way to others alone. */
  #dispatchSoon(): void {
    if (this.#again || this.#closed) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      for (const seat of this.#seats.all) this.#occupancy.passBy(seat);
      const held = this.#seats.all.every(({ work }) => work?.urgent === false);
      // Ahead of its need: whoever comes next should not wait for a thread to start.
      if (held && this.#queue.length() > 0) this.#seats.add();
      this.#dispatch();
      const { clear } = this.books;
      const more = this.#seats.all.filter((seat) => clear(seat) || seat.work?.urgent === true);
      if (more.length > 0) this.#dispatchSoon();
    }, slowAfterMs);
    this.#again.unref();
  }

  #follow(placement: Placement, job: Job, resident: Resident | undefined): Answer {
    switch (placement.kind) {
      case 'wait':
      case 'long':
      case 'full':
        return placement.kind;
      case 'stop': {
        if (placement.spare) this.#seats.add();
        return 'stop';
      }
      case 'run': {
        const seat = this.#seats.all[placement.seat];
        if (!seat) throw new Error(`there is no worker ${placement.seat}`);
        this.#start(seat, job, resident, placement.trial === true);
        return 'taken';
      }
    }
  }

  #start(seat: Seat, job: Job, found: Resident | undefined, trial: boolean): void {
    const left = found?.home === undefined ? undefined : this.#seats.all[found.home];
    const { resident, ...message } = this.#sandboxes.prepare(seat, job, found);
    const origin = message.origin.kind;
    if (left && left !== seat) this.#occupancy.moved(left, seat);
    const begun = performance.now();
    // To make a sandbox again is nothing that its call does.
    const since = begun + (origin === 'dormant' && resident ? resident.remakeMs : 0);
    const expected = this.#occupancy.expect(job, found, trial);
    const serial = seat.thread.evaluate({ task: job.task, ...expected, ...message });
    const timing = { begun, since, urgent: !expected.slow, trial };
    this.#occupy(seat, { job, resident, origin, serial, ended: createEnded(), ...timing });
  }

  #occupy(seat: Seat, work: Work): void {
    this.#occupancy.begin(seat, work);
    this.#dispatchSoon();
  }

  /** Calls that have had their answers come before those that have not begun. */
  #resume(): void {
    for (const seat of this.#seats.all) {
      if (!isIdle(seat)) continue;
      const next = this.#waiting.next(seat);
      if (!next) continue;
      next.work.since = performance.now();
      next.work.urgent = !this.#occupancy.isSlow(next.work.job.caller);
      this.#occupy(seat, next.work);
      seat.thread.resume(next.work.serial, next.answers);
    }
  }

  #hear(seat: Seat, message: WorkerMessage): void {
    if (message.kind === 'evaluated') this.#answer(seat, message);
    else if (message.kind === 'pending') this.#wait(seat, message);
    else if (message.kind === 'ready') {
      seat.ready = true;
      seat.startsFailed = 0;
      seat.idleSince = performance.now();
      if (this.#seats.all.every(({ ready }) => ready)) this.#started.resolve(undefined);
    } else this.#sandboxes.checkpointed(seat, message);
    this.#dispatch();
  }

  /** A call that was withdrawn while it ran may come to wait before it sees that. */
  #wait(seat: Seat, message: PendingMessage): void {
    const work = this.#occupancy.leave(seat);
    work.trial = false;
    if (!work.ended.isOver()) {
      this.#waiting.stop(seat, work, message);
      return;
    }
    seat.thread.abandon(work.serial);
    if (work.resident) this.#sandboxes.rollBack(work.resident, work.origin === 'new');
  }

  #answer(seat: Seat, message: EvaluatedMessage): void {
    const work = this.#occupancy.leave(seat);
    const again = this.#occupancy.judge(seat, work, message.outcome.status);
    // Nobody is told of it, so it is undone as if its caller had left.
    if (again) work.ended.end();
    this.#waiting.begin(work, message.unawaited);
    this.#sandboxes.settle(seat, work, message);
    work.ended.end();
    if (again) {
      this.#queue.putBack(work.job);
      return;
    }
    const outcome = outcomeOf(work, message, this.#engine.name);
    if (outcome.status !== 'INTERNAL_SERVER_ERROR') work.job.resolve(outcome);
    else {
      const id = this.#report('internal_error', message.cause ?? 'no cause was given');
      work.job.resolve({ ...outcome, message: told(id) });
    }
  }

  #lost(seat: Seat, cause: string): void {
    this.#started.reject(new Error(`a worker could not start: ${cause}`));
    const id = this.#report('worker_lost', cause);
    this.#replace(seat, { status: 'INTERNAL_SERVER_ERROR', message: told(id) });
  }

  /** Second line behind the deadline at refuel: a worker that never came by there is ended. */
  #endSilent(seat: Seat): void {
    if (!seat.work) return;
    const { timeMsMax } = seat.work.job.task.limits;
    if (performance.now() - seat.work.since < timeMsMax + poolLimits.silenceMsMax) return;
    this.#report('worker_lost', 'silent past its deadline');
    void seat.thread.end();
    this.#replace(seat, { status: 'OUT_OF_TIME', message: stoppedAfter(seat.work) });
  }

  /** Answers for a lost thread and starts another in its seat. */
  #replace(seat: Seat, as: LostAs): void {
    const ran = seat.work ? [this.#occupancy.leave(seat)] : [];
    const begun = [...ran, ...this.#waiting.clear(seat)];
    this.#directory.liveIn(seat.index).forEach(this.#directory.unsettle);
    for (const work of begun) this.#end(seat, work, as);
    this.#seats.restart(seat);
    this.#dispatchSoon();
  }

  /** Answers for a call that its worker has not come to an end with. */
  #end(seat: Seat, work: Work, as: LostAs): void {
    const about = { engine: this.#engine.name, fuel: seat.thread.fuelGranted() };
    work.ended.end();
    if (work.resident) this.#sandboxes.rollBack(work.resident, work.origin === 'new');
    work.job.resolve(lostOutcome(work, about, as));
  }

  #report(event: PoolEvent['event'], cause: string): string {
    const id = crypto.randomUUID();
    this.#options.log({ event, id, cause });
    return id;
  }
}
