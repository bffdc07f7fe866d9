// Where the calls of an engine run.

import { poolLimits } from '../../contract/limits.ts';
import { startInCaller } from './caller-thread.ts';
import { startThread, type StartThread } from './thread.ts';

export interface Threads {
  /** Calls that run at once, slow ones not counted. */
  readonly workers: number;
  /** Those that may run beside slow ones. */
  readonly spare: number;
  readonly start: StartThread;
}

/** In so many worker threads, or in the caller's when that is 0. */
export const threadsOf = (workers: number): Threads =>
  workers === 0
    ? { workers: 1, spare: 0, start: startInCaller }
    : { workers, spare: poolLimits.spareWorkers, start: startThread };
