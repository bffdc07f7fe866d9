// Which scripts use much fuel: who runs one again is expected to use as much again, whatever
// sandbox it is for. So a call that will be long begins without notes, and one that will be too
// long is not put on trial, though all other calls of its caller are short.

import { hash } from 'node:crypto';
import { poolLimits } from '../../contract/limits.ts';
import { forgetOldest, meanWith } from './habits.ts';
import type { Job } from './line.ts';

/** What tells one script from another. */
type Named = Pick<Job, 'caller' | 'initDigest'> & { readonly task: Pick<Job['task'], 'script'> };

export interface Scripts {
  /** Fuel that calls of this script use on average; undefined: not known to use much. */
  readonly fuelOf: (job: Named) => number | undefined;
  readonly ended: (job: Named, fuel: number) => void;
}

/**
 * Of a part of it: to digest all of a long script takes as long as a short call. Who writes scripts
 * that are alike but for the middle misleads us about his own. And a digest, since a part of a text
 * holds on to all of it in some engines.
 */
const keyOf = ({ caller, initDigest, task: { script } }: Named): string => {
  const { scriptHeadChars: head, scriptTailChars: tail } = poolLimits;
  const part = script.length > head + tail ? script.slice(0, head) + script.slice(-tail) : script;
  return hash('sha256', `${initDigest} ${caller.length} ${caller} ${script.length} ${part}`);
};

/** Nothing is known at first. */
export const createScripts = (): Scripts => {
  const known = new Map<string, number>();
  return {
    fuelOf: (job) => (known.size === 0 ? undefined : known.get(keyOf(job))),
    ended(job, fuel) {
      const isMuch = fuel >= poolLimits.longFuel;
      if (!isMuch && known.size === 0) return;
      const key = keyOf(job);
      const before = known.get(key);
      if (before === undefined && !isMuch) return;
      // So that a few short calls make up for a long one, however long it was.
      const counted = Math.min(fuel, 2 * poolLimits.trialFuel);
      const mean = meanWith(before ?? counted, counted);
      known.delete(key);
      if (mean >= poolLimits.longFuel / 2) known.set(key, mean);
      forgetOldest(known);
    },
  };
};
