// The jobs of one caller that wait, in order of arrival; and which of them may yet be put on trial.

import { poolLimits } from '../../contract/limits.ts';
import type { Outcome } from '../../contract/outcome.ts';
import type { Task } from '../sandbox/evaluate.ts';

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

/**
 * `wait`: not this one now. `long`: not this one on trial, ever. `full`: none of this caller's, but
 * one on trial. `stop`: none at all.
 */
export type Answer = 'taken' | 'wait' | 'long' | 'full' | 'stop';

/** @param trial beyond what its caller may have, see `trials.ts` */
export type Offer = (job: Job, trial: boolean) => Answer;

export interface Line {
  /** At the end of it, or where it was when it comes back from a trial. */
  readonly enter: (job: Job, tried: boolean) => void;
  /** False when it is not here. */
  readonly remove: (job: Job) => boolean;
  /**
   * Takes the first job that can be had, as `offer` says; with `trials`, when its caller has all
   * that he may, the first that can be had on trial. `waits` has those that were told to wait.
   */
  readonly take: (waits: Set<Job>, offer: Offer, trials: boolean) => Job | Exclude<Answer, 'taken'>;
  readonly jobs: readonly Job[];
}

/** An empty line. */
export const createLine = (): Line => {
  const jobs: Job[] = [];
  /** Those that are not known to be too long for a trial, nor behind one of their sandbox. */
  const untried = new Set<Job>();
  const isBehind = ({ key }: Job): boolean =>
    key !== null && jobs.some((job) => job.key === key && !untried.has(job));
  /** Never again: so however many there are, each is looked at once. */
  const passOver = (job: Job): void => {
    untried.delete(job);
    if (job.key === null) return;
    for (const later of untried) if (later.key === job.key) untried.delete(later);
  };
  const remove = (job: Job): boolean => {
    const at = jobs.indexOf(job);
    if (at < 0) return false;
    jobs.splice(at, 1);
    untried.delete(job);
    return true;
  };
  return {
    jobs,
    remove,
    enter(job, tried) {
      if (!tried && !isBehind(job)) untried.add(job);
      jobs.splice(
        tried ? jobs.filter(({ since }) => since < job.since).length : jobs.length,
        0,
        job,
      );
      if (tried) passOver(job);
    },
    take(waits, offer, trials) {
      const held = new Set<string>();
      let looks = 0;
      const look = (among: Iterable<Job>, trial: boolean): Job | Exclude<Answer, 'taken'> => {
        for (const job of among) {
          if (trial && looks >= poolLimits.trialLooksMax) break;
          if (trial) looks += 1;
          if (job.key !== null && held.has(job.key)) continue;
          const answer = waits.has(job) ? 'wait' : offer(job, trial);
          if (answer === 'taken') {
            remove(job);
            return job;
          }
          if (answer === 'long') {
            // It is not looked at again.
            looks -= 1;
            passOver(job);
          } else if (answer !== 'wait') return answer;
          waits.add(job);
          if (job.key !== null) held.add(job.key);
        }
        return 'wait';
      };
      const first = look(jobs, false);
      return first === 'full' && trials ? look(untried, true) : first;
    },
  };
};
