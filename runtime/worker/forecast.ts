// What a call will be like, by those before it: of its script, else of its sandbox, else of its
// caller.

import { poolLimits } from '../../contract/limits.ts';
import { createHabits, type Habits } from './habits.ts';
import type { Job } from './line.ts';
import type { Resident } from './resident.ts';
import { createScripts } from './scripts.ts';

export interface Forecast extends Pick<Habits, 'isSlow'> {
  /** A call has ended, after so long and so much fuel. */
  readonly ended: (job: Job, ranMs: number, fuel: number) => void;
  /** Fuel that such calls use on average. */
  readonly fuelOf: (job: Job, resident: Resident | undefined) => number;
  /** Its script is known to be too long for a trial. */
  readonly isTooLong: (job: Job) => boolean;
}

export const createForecast = (): Forecast => {
  const habits = createHabits();
  const scripts = createScripts();
  return {
    isSlow: habits.isSlow,
    ended(job, ranMs, fuel) {
      habits.ended(job.caller, ranMs, fuel);
      scripts.ended(job, fuel);
    },
    fuelOf: (job, resident) =>
      scripts.fuelOf(job) ?? resident?.fuelMean ?? habits.fuelOf(job.caller),
    isTooLong: (job) => (scripts.fuelOf(job) ?? 0) >= poolLimits.trialFuel,
  };
};
