// What the pool knows of each of its workers.

import type { Resident } from './directory.ts';
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
  /** The seat that must hand the sandbox over before the work can start. */
  readonly awaits?: number;
  readonly since: number;
}

/** A worker thread's place in the pool; the thread in it may be replaced. */
export interface Seat {
  readonly index: number;
  thread: Thread;
  ready: boolean;
  work?: Work | undefined;
  /** Sandboxes to end there with the next message. */
  forget: number[];
  startsFailed: number;
}
