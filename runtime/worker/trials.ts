// Calls on trial: who holds all his workers with slow calls may have one call more beside them, as
// long as it is short. One that turns out slow is stopped, undone, and waits for its turn; so is
// one that others wait for, at its next quantum.

import { poolLimits } from '../../contract/limits.ts';
import { forgetOldest } from './habits.ts';
import type { Guest } from './placement.ts';
import type { Resident } from './resident.ts';

export interface Trials {
  /** Whether a call of this caller may be tried now, and whether it may be this one. */
  readonly of: (
    caller: string,
    resident: Pick<Resident, 'slow'> | undefined,
    now: number,
  ) => Guest['trial'];
  /** A call that was tried has been found to be slow, or was not. */
  readonly ended: (caller: string, slow: boolean, now: number) => void;
}

interface Pause {
  readonly ms: number;
  readonly until: number;
}

/** Nobody has tried anything yet. Times in milliseconds of a monotonic clock. */
export const createTrials = (): Trials => {
  /** Of callers who have tried slow calls lately: how long the next one has to wait. */
  const pauses = new Map<string, Pause>();
  return {
    of(caller, resident, now) {
      if (now < (pauses.get(caller)?.until ?? 0)) return 'none';
      return resident?.slow === true ? 'another' : 'this';
    },
    ended(caller, slow, now) {
      const { trialPauseMs, trialPauseMsMax } = poolLimits;
      const before = pauses.get(caller);
      pauses.delete(caller);
      if (slow) {
        const ms = Math.min(trialPauseMsMax, Math.max(trialPauseMs, 2 * (before?.ms ?? 0)));
        pauses.set(caller, { ms, until: now + ms });
      } else if (before && before.ms > trialPauseMs) {
        pauses.set(caller, { ms: before.ms / 2, until: before.until });
      }
      forgetOldest(pauses);
    },
  };
};
