// The tasks that wait for a worker: bounded in number and bytes, in order of arrival for each
// sandbox.

import { httpLimits, poolLimits } from '../../contract/limits.ts';
import { Refusal } from '../../contract/failure.ts';
import type { Task } from '../sandbox/evaluate.ts';
import type { Outcome } from '../../contract/outcome.ts';

/** A task on its way to a worker. */
export interface Job {
  /** Of (caller, sandbox_id); null for a sandbox of its own. */
  readonly key: string | null;
  readonly initDigest: string;
  readonly task: Task;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

type Answer = 'taken' | 'wait' | 'full';

export interface Queue {
  /** Throws OVERLOADED when there is no room. */
  readonly push: (job: Job) => void;
  /**
   * Offers jobs in order until `offer` says 'full'. A 'taken' job leaves; one told to 'wait' holds
   * back the later ones of its sandbox.
   */
  readonly drain: (offer: (job: Job) => Answer) => void;
  /** Takes a job out that nobody waits for any more; false when it is not here. */
  readonly withdraw: (job: Job) => boolean;
  /** Empties the queue. */
  readonly clear: () => readonly Job[];
  readonly length: () => number;
}

const bytesOf = ({ task }: Job): number =>
  2 * (task.init_script.length + task.script.length + (task.input?.length ?? 0));

/** An empty queue. */
export const createQueue = (): Queue => {
  let jobs: Job[] = [];
  let bytes = 0;
  return {
    push(job) {
      const room =
        jobs.length < poolLimits.queueLengthMax && bytes + bytesOf(job) <= poolLimits.queueBytesMax;
      if (!room) {
        throw new Refusal('OVERLOADED', 'too many evaluations are waiting; try again later', {
          'retry-after': String(httpLimits.retryAfterSeconds),
        });
      }
      jobs.push(job);
      bytes += bytesOf(job);
    },
    drain(offer) {
      const held = new Set<string>();
      const left: Job[] = [];
      let full = false;
      for (const job of jobs) {
        const behind = job.key !== null && held.has(job.key);
        const answer: Answer | 'wait' | 'full' = full || behind ? 'wait' : offer(job);
        full ||= answer === 'full';
        if (answer === 'taken') {
          bytes -= bytesOf(job);
          continue;
        }
        left.push(job);
        if (job.key !== null) held.add(job.key);
      }
      jobs = left;
    },
    withdraw(job) {
      const at = jobs.indexOf(job);
      if (at < 0) return false;
      jobs.splice(at, 1);
      bytes -= bytesOf(job);
      return true;
    },
    clear() {
      const all = jobs;
      jobs = [];
      bytes = 0;
      return all;
    },
    length: () => jobs.length,
  };
};
