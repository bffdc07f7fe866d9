// What the pool knows of each of its workers.

import type { Outcome } from '../../contract/outcome.ts';
import type { Resident } from './directory.ts';
import { createKnownImages } from './init-images.ts';
import type { Seat as Seen } from './placement.ts';
import type { Origin } from './protocol.ts';
import type { Job } from './queue.ts';
import type { Thread } from './thread.ts';

/** Something for the operator's log. */
export interface PoolEvent {
  readonly event: 'worker_lost' | 'internal_error';
  readonly id: string;
  readonly cause: string;
}

/** A job that a seat has taken. */
export interface Work {
  readonly job: Job;
  readonly resident: Resident | undefined;
  readonly origin: Origin['kind'];
  readonly since: number;
  /** It counts in the traffic that slow calls give way to. */
  urgent: boolean;
  readonly stop: () => void;
}

/** A worker thread's place in the pool; the thread in it may be replaced. */
export interface Seat {
  readonly index: number;
  thread: Thread;
  ready: boolean;
  work: Work | undefined;
  idleSince: number;
  /** The sandbox whose checkpoint it makes. */
  checkpointing: Resident | undefined;
  /** Sandboxes that it copies out and ends, by their names. */
  readonly resting: Map<number, Resident>;
  /** Sandboxes to end there with the next message. */
  forget: number[];
  known: ReturnType<typeof createKnownImages>;
  startsFailed: number;
}

export const createSeat = (index: number, thread: Thread): Seat => ({
  ...{ index, thread, ready: false, work: undefined, idleSince: 0, checkpointing: undefined },
  ...{ resting: new Map(), forget: [], known: createKnownImages(), startsFailed: 0 },
});

const isIdle = ({ ready, work, checkpointing }: Seat): boolean => ready && !work && !checkpointing;

export const seen = (seat: Seat, now: number): Seen => ({
  index: seat.index,
  idle: isIdle(seat),
  forMs: seat.ready ? now - (seat.work?.since ?? seat.idleSince) : Infinity,
  caller: seat.work?.job.caller,
});

/** What a thread that is gone leaves: nothing; its sandboxes are dormant again. */
export const vacate = (seat: Seat): void => {
  for (const resident of [seat.checkpointing, ...seat.resting.values()]) {
    if (resident) resident.busy = false;
  }
  seat.resting.clear();
  Object.assign(seat, createSeat(seat.index, seat.thread), { startsFailed: seat.startsFailed });
};

/** The outcome of a call whose thread is gone. */
export const lostOutcome = (
  seat: Seat,
  engine: string,
  told: { readonly status: 'INTERNAL_SERVER_ERROR' | 'OUT_OF_TIME'; readonly message: string },
): Outcome => ({
  ...told,
  stage: 'SCRIPT',
  stdout: '',
  stderr: '',
  usage: {
    fuel: seat.thread.fuelGranted(),
    memory_bytes: 0,
    engine,
    sandbox: seat.work?.origin ?? 'new',
    queue_us: 0,
    restore_us: 0,
    run_us: 0,
  },
  // What it was before is in the books, unless it was not there before.
  state: seat.work?.resident && seat.work.origin !== 'new' ? 'rolled_back' : 'lost',
});
