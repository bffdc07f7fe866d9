// The tasks that wait for a worker: bounded in number and bytes, callers in turn, in order of
// arrival for each sandbox.

import { httpLimits, poolLimits } from '../../contract/limits.ts';
import { Refusal } from '../../contract/failure.ts';
import { createLine, type Job, type Line, type Offer } from './line.ts';

export type { Answer, Job, Offer } from './line.ts';

export interface Queue {
  /** Throws OVERLOADED when there is no room. */
  readonly push: (job: Job) => void;
  /**
   * Offers jobs, one of each caller in turn, until `offer` says 'stop' or takes none; then those
   * that are beyond what their callers may have, on trial, for nobody is to wait for these. A
   * 'taken' job leaves; one told to 'wait' holds back the later ones of its sandbox.
   */
  readonly drain: (offer: Offer) => void;
  /** A job that was tried comes back to where it was, and is not tried again. */
  readonly putBack: (job: Job) => void;
  /** Takes a job out that nobody waits for any more; false when it is not here. */
  readonly withdraw: (job: Job) => boolean;
  /** Empties the queue. */
  readonly clear: () => readonly Job[];
  readonly length: () => number;
}

const bytesOf = ({ task }: Job): number =>
  2 * (task.init_script.length + task.script.length + (task.input?.length ?? 0));

const overloaded = (whose: string): Refusal =>
  new Refusal('OVERLOADED', `too many evaluations ${whose} are waiting; try again later`, {
    'retry-after': String(httpLimits.retryAfterSeconds),
  });

/** An empty queue. */
export const createQueue = (): Queue => {
  /** By caller, the one whose turn it is first. */
  const lines = new Map<string, Line>();
  let [count, bytes] = [0, 0];
  const enter = (job: Job, line: Line, tried: boolean): void => {
    lines.set(job.caller, line);
    line.enter(job, tried);
    count += 1;
    bytes += bytesOf(job);
  };
  const leave = (job: Job): void => {
    count -= 1;
    bytes -= bytesOf(job);
    if (lines.get(job.caller)?.jobs.length === 0) lines.delete(job.caller);
  };
  /** Goes once through the callers that are not `done`; whoever got something goes to the end. */
  const round = (
    offer: Offer,
    trials: boolean,
    done: Set<string>,
    waits: Set<Job>,
  ): 'again' | 'end' => {
    let again: 'again' | 'end' = 'end';
    for (const [caller, line] of [...lines]) {
      if (done.has(caller)) continue;
      const taken = line.take(waits, offer, trials);
      if (taken === 'stop') return 'end';
      if (typeof taken === 'string') {
        done.add(caller);
        continue;
      }
      lines.delete(caller);
      if (line.jobs.length > 0) lines.set(caller, line);
      leave(taken);
      again = 'again';
    }
    return again;
  };
  return {
    push(job) {
      const line = lines.get(job.caller) ?? createLine();
      if (line.jobs.length >= poolLimits.queuePerCallerMax) throw overloaded('of this caller');
      const room =
        count < poolLimits.queueLengthMax && bytes + bytesOf(job) <= poolLimits.queueBytesMax;
      if (!room) throw overloaded('of all callers');
      enter(job, line, false);
    },
    putBack(job) {
      enter(job, lines.get(job.caller) ?? createLine(), true);
    },
    drain(offer) {
      const waits = new Set<Job>();
      for (const trials of [false, true]) {
        const done = new Set<string>();
        while (round(offer, trials, done, waits) === 'again');
      }
    },
    withdraw(job) {
      if (lines.get(job.caller)?.remove(job) !== true) return false;
      leave(job);
      return true;
    },
    clear() {
      const all = [...lines.values()].flatMap(({ jobs }) => jobs);
      lines.clear();
      [count, bytes] = [0, 0];
      return all;
    },
    length: () => count,
  };
};
