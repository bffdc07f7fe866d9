// What the pool knows of each of its workers.

import type { Outcome } from '../../contract/outcome.ts';
import type { Standing } from '../engine/stage.ts';
import type { Resident } from './resident.ts';
import { createKnownImages } from './init-images.ts';
import type { Seat as Seen } from './placement.ts';
import type { EvaluatedMessage, Origin } from './protocol.ts';
import type { Job } from './queue.ts';
import { createShare, type Share } from './share.ts';
import type { Thread } from './thread.ts';

/** Something for the operator's log. */
export interface PoolEvent {
  readonly event: 'worker_lost' | 'internal_error' | 'state';
  readonly id: string;
  readonly cause: string;
}

/** A job that a seat has taken. */
export interface Work {
  readonly job: Job;
  readonly resident: Resident | undefined;
  readonly origin: Origin['kind'];
  /** By which its worker knows it. */
  readonly serial: number;
  readonly begun: number;
  /**
   * When it began to run, after what it takes to make its sandbox again, or went on after it had
   * waited.
   */
  since: number;
  /** Where it stood when it last began to wait for host functions. */
  standing?: Standing;
  /** It counts in the traffic that slow calls give way to. */
  urgent: boolean;
  /** It is stopped when it turns out slow; not once it has waited for host functions. */
  trial: boolean;
  /** It is on trial and has been told to end, since another's call waits for its worker. */
  hurried?: boolean;
  /** For the host functions that it has called. */
  readonly ended: Ended;
}

/** A worker thread's place in the pool; the thread in it may be replaced. */
export interface Seat {
  readonly index: number;
  thread: Thread;
  ready: boolean;
  work: Work | undefined;
  idleSince: number;
  readonly share: Share;
  /** The sandbox whose checkpoint it makes. */
  checkpointing: Resident | undefined;
  /** Sandboxes that it copies out and ends, by their names. */
  readonly resting: Map<number, Resident>;
  /** Sandboxes to end there with the next message. */
  forget: number[];
  known: ReturnType<typeof createKnownImages>;
  startsFailed: number;
}

/** Whether a call is over. */
export interface Ended {
  readonly isOver: () => boolean;
  /** Aborted when it is. */
  readonly signal: () => AbortSignal;
  readonly end: () => void;
}

/** Why host functions of a call that is over are aborted; made once, for its stack is dear. */
const callOver = new Error('the call is over');

/** Most calls have no host functions, and a signal costs as much as a short call does. */
export const createEnded = (): Ended => {
  let isOver = false;
  let controller: AbortController | undefined;
  return {
    isOver: () => isOver,
    signal() {
      controller ??= new AbortController();
      if (isOver) controller.abort(callOver);
      return controller.signal;
    },
    end() {
      isOver = true;
      controller?.abort(callOver);
    },
  };
};

export const createSeat = (index: number, thread: Thread): Seat => ({
  ...{ index, thread, ready: false, work: undefined, idleSince: 0, checkpointing: undefined },
  ...{ resting: new Map(), forget: [], known: createKnownImages(), startsFailed: 0 },
  share: createShare(),
});

export const isIdle = ({ ready, work, checkpointing }: Seat): boolean =>
  ready && !work && !checkpointing;

export const seen = (seat: Seat, now: number, live: number): Seen => ({
  index: seat.index,
  idle: isIdle(seat),
  forMs: seat.ready ? now - (seat.work?.since ?? seat.idleSince) : Infinity,
  caller: seat.work?.job.caller,
  slow: seat.work?.urgent === false,
  live,
  share: seat.share.at(now),
});

/** What a thread that is gone leaves: nothing; its sandboxes are dormant again. */
export const vacate = (seat: Seat): void => {
  for (const resident of [seat.checkpointing, ...seat.resting.values()]) {
    if (resident) resident.busy = false;
  }
  seat.resting.clear();
  Object.assign(seat, createSeat(seat.index, seat.thread), { startsFailed: seat.startsFailed });
};

const microseconds = (ms: number): number => Math.round(ms * 1000);

/** The outcome of a call that its worker has come to an end with. */
export const outcomeOf = (work: Work, message: EvaluatedMessage, engine: string): Outcome => {
  const { outcome, restoreUs, runUs } = message;
  const usage = {
    ...outcome.usage,
    engine,
    sandbox: work.origin,
    queue_us: microseconds(work.begun - work.job.since),
    restore_us: restoreUs,
    run_us: runUs,
  };
  return { ...outcome, usage };
};

/** What a caller is told of a call that was too long. */
export const stoppedAfter = ({ job }: Work): string =>
  `the call was stopped after ${job.task.limits.timeMsMax} ms of wall-clock time`;

export interface LostAs {
  readonly status: 'INTERNAL_SERVER_ERROR' | 'OUT_OF_TIME';
  readonly message: string;
}

/** The outcome of a call that no worker has come to an end with. */
export const lostOutcome = (
  work: Work | undefined,
  about: { readonly engine: string; readonly fuel: number },
  told: LostAs,
): Outcome => ({
  ...told,
  stage: work?.standing?.stage ?? 'SCRIPT',
  stdout: '',
  stderr: '',
  usage: {
    engine: about.engine,
    // What its worker has granted since may be another call's.
    fuel: work?.standing?.fuel ?? about.fuel,
    memory_bytes: work?.standing?.memory_bytes ?? 0,
    sandbox: work?.origin ?? 'new',
    queue_us: 0,
    restore_us: 0,
    run_us: 0,
  },
  // What it was before is in the books, unless it was not there before.
  state: work?.resident && work.origin !== 'new' ? 'rolled_back' : 'lost',
});
