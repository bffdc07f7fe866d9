// Whose calls tend to be slow: what such a caller starts next counts as slow from its beginning.
// Else each of his endless calls would hold up the others until it has been found to be slow.

import { poolLimits } from '../../contract/limits.ts';

export interface Habits {
  /** A call of this caller has ended, after so long. */
  readonly ended: (caller: string, ranMs: number) => void;
  readonly isSlow: (caller: string) => boolean;
}

/** Nobody is known to be slow at first. */
export const createHabits = (): Habits => {
  /** The share of slow calls, late ones counting most, of callers who have had any lately. */
  const shares = new Map<string, number>();
  return {
    ended(caller, ranMs) {
      const wasSlow = ranMs >= poolLimits.slowAfterMs;
      const before = shares.get(caller) ?? 0;
      if (before === 0 && !wasSlow) return;
      const share = before + ((wasSlow ? 1 : 0) - before) * poolLimits.habitWeight;
      shares.delete(caller);
      if (share >= poolLimits.habitShareMin) shares.set(caller, share);
      for (const oldest of shares.keys()) {
        if (shares.size <= poolLimits.habitsMax) break;
        shares.delete(oldest);
      }
    },
    isSlow: (caller) => (shares.get(caller) ?? 0) > poolLimits.habitSlowShare,
  };
};
