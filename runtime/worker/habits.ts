// What a caller's calls are like, as far as it decides how the next one begins. Whose calls tend to
// be slow, his next counts as slow from its beginning: else each of his endless calls would hold up
// the others until it has been found to be slow. And a call that will be long begins without notes.

import { poolLimits } from '../../contract/limits.ts';

export interface Habits {
  /** A call of this caller has ended, after so long and so much fuel. */
  readonly ended: (caller: string, ranMs: number, fuel: number) => void;
  readonly isSlow: (caller: string) => boolean;
  /** Fuel that his calls use, on average. */
  readonly fuelOf: (caller: string) => number;
}

interface Habit {
  /** The share of slow calls. */
  readonly slow: number;
  readonly fuel: number;
}

/** A mean in which late ones count most. */
export const meanWith = (mean: number, latest: number): number =>
  mean + (latest - mean) * poolLimits.habitWeight;

/** Forgets what was put first, until no more is left than may be remembered. */
export const forgetOldest = (known: Map<string, unknown>): void => {
  for (const oldest of known.keys()) {
    if (known.size <= poolLimits.habitsMax) return;
    known.delete(oldest);
  }
};

const isWorthRemembering = ({ slow, fuel }: Habit): boolean =>
  slow >= poolLimits.habitShareMin || fuel >= poolLimits.quantumFuel * poolLimits.habitShareMin;

/** Nobody is known for anything at first. */
export const createHabits = (): Habits => {
  /** Of callers who have had long calls lately. */
  const known = new Map<string, Habit>();
  return {
    ended(caller, ranMs, fuel) {
      const before = known.get(caller);
      const slow = meanWith(before?.slow ?? 0, ranMs >= poolLimits.slowAfterMs ? 1 : 0);
      const now = { slow, fuel: meanWith(before?.fuel ?? 0, fuel) };
      if (before) known.delete(caller);
      if (isWorthRemembering(now)) known.set(caller, now);
      forgetOldest(known);
    },
    isSlow: (caller) => (known.get(caller)?.slow ?? 0) > poolLimits.habitSlowShare,
    fuelOf: (caller) => known.get(caller)?.fuel ?? 0,
  };
};
