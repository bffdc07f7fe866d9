// The tasks that wait for a worker: bounded in number and bytes, callers in turn, in order of
// arrival for each sandbox.

import { httpLimits, poolLimits } from '../../contract/limits.ts';
import { Refusal } from '../../contract/failure.ts';
import type { Task } from '../sandbox/evaluate.ts';
import type { Outcome } from '../../contract/outcome.ts';

/** A task on its way to a worker. */
export interface Job {
  readonly caller: string;
  readonly sandbox_id: string | null;
  /** Of (caller, sandbox_id); null for a sandbox of its own. */
  readonly key: string | null;
  readonly initDigest: string;
  readonly task: Task;
  /** When it was taken in, by performance.now(). */
  readonly since: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

/** `wait`: not this one now. `full`: none of this caller's. `stop`: none at all. */
export type Answer = 'taken' | 'wait' | 'full' | 'stop';

export interface Queue {
  /** Throws OVERLOADED when there is no room. */
  readonly push: (job: Job) => void;
  /**
   * Offers jobs, one of each caller in turn, until `offer` says 'stop' or takes none. A 'taken' job
   * leaves; one told to 'wait' holds back the later ones of its sandbox.
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

const overloaded = (whose: string): Refusal =>
  new Refusal('OVERLOADED', `too many evaluations ${whose} are waiting; try again later`, {
    'retry-after': String(httpLimits.retryAfterSeconds),
  });

/** Takes the first job of a line that can be had; `waits` has those that were told to wait. */
const takeOne = (line: Job[], waits: Set<Job>, offer: (job: Job) => Answer): Answer => {
  const held = new Set<string>();
  for (const [index, job] of line.entries()) {
    if (job.key !== null && held.has(job.key)) continue;
    const answer = waits.has(job) ? 'wait' : offer(job);
    if (answer === 'taken') line.splice(index, 1);
    if (answer !== 'wait') return answer;
    waits.add(job);
    if (job.key !== null) held.add(job.key);
  }
  return 'wait';
};

/** An empty queue. */
export const createQueue = (): Queue => {
  /** By caller, the one whose turn it is first. */
  const lines = new Map<string, Job[]>();
  let [count, bytes] = [0, 0];
  const leave = (job: Job): void => {
    count -= 1;
    bytes -= bytesOf(job);
    if (lines.get(job.caller)?.length === 0) lines.delete(job.caller);
  };
  /** Goes once through the callers that are not `done`; whoever got something goes to the end. */
  const round = (
    offer: (job: Job) => Answer,
    done: Set<string>,
    waits: Set<Job>,
  ): 'again' | 'end' => {
    let again: 'again' | 'end' = 'end';
    for (const [caller, line] of [...lines]) {
      if (done.has(caller)) continue;
      let taken: Job | undefined;
      const answer = takeOne(line, waits, (job) => {
        const one = offer(job);
        if (one === 'taken') taken = job;
        return one;
      });
      if (answer === 'stop') return 'end';
      if (!taken) {
        done.add(caller);
        continue;
      }
      lines.delete(caller);
      if (line.length > 0) lines.set(caller, line);
      leave(taken);
      again = 'again';
    }
    return again;
  };
  return {
    push(job) {
      const line = lines.get(job.caller) ?? [];
      if (line.length >= poolLimits.queuePerCallerMax) throw overloaded('of this caller');
      const room =
        count < poolLimits.queueLengthMax && bytes + bytesOf(job) <= poolLimits.queueBytesMax;
      if (!room) throw overloaded('of all callers');
      lines.set(job.caller, line);
      line.push(job);
      count += 1;
      bytes += bytesOf(job);
    },
    drain(offer) {
      const done = new Set<string>();
      const waits = new Set<Job>();
      while (round(offer, done, waits) === 'again');
    },
    withdraw(job) {
      const line = lines.get(job.caller) ?? [];
      const at = line.indexOf(job);
      if (at < 0) return false;
      line.splice(at, 1);
      leave(job);
      return true;
    },
    clear() {
      const all = [...lines.values()].flat();
      lines.clear();
      [count, bytes] = [0, 0];
      return all;
    },
    length: () => count,
  };
};
