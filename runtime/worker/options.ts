// What an engine is asked to be, checked: plain JavaScript may hand over anything, and a limit that
// is no number would be no limit.

import { availableParallelism } from 'node:os';
import { integer } from '../../contract/bounded.ts';
import { show } from '../../contract/explain.ts';
import {
  evaluationLimits,
  poolLimits,
  requestLimits,
  type EvaluationLimits,
  type SandboxLimits,
} from '../../contract/limits.ts';

const { memoryBytesMin, memoryBytesCeiling, fuelCeiling } = requestLimits;

const bounds: Readonly<Record<keyof EvaluationLimits, ReturnType<typeof integer>>> = {
  fuelMax: integer(1, fuelCeiling),
  memoryBytesMax: integer(memoryBytesMin, memoryBytesCeiling),
  timeMsMax: integer(1, Number.MAX_SAFE_INTEGER),
  sourceBytesMax: integer(1, requestLimits.sourceBytesCeiling),
  outputBytesMax: integer(0, memoryBytesCeiling),
  resultBytesMax: integer(1, memoryBytesCeiling),
};

const check = (name: string, codec: ReturnType<typeof integer>, value: unknown): void => {
  if (codec.is(value)) return;
  throw new RangeError(`${name}: expected ${codec.name}, got ${show(value)}`);
};

/**
 * The documented defaults, with those of `given` that are not undefined in their place. Throws a
 * RangeError when one is unknown or out of its range.
 */
export const limitsOf = (given: Partial<EvaluationLimits> = {}): EvaluationLimits => {
  const set = Object.entries(given).filter(([, value]) => (value as unknown) !== undefined);
  for (const [name, value] of set) {
    if (!Object.hasOwn(bounds, name)) {
      throw new RangeError(`limits: expected ${Object.keys(bounds).join(', ')}, got ${show(name)}`);
    }
    check(`limits.${name}`, bounds[name as keyof EvaluationLimits], value);
  }
  return { ...evaluationLimits, ...Object.fromEntries(set) };
};

/**
 * How many sandboxes so many workers keep: the documented defaults for each where nothing is given.
 * Throws a RangeError when one is out of its range.
 */
export const sandboxesOf = (given: Partial<SandboxLimits> = {}, workers: number): SandboxLimits => {
  const positive = integer(1, Number.MAX_SAFE_INTEGER);
  for (const [name, value] of Object.entries(given)) check(`sandboxes.${name}`, positive, value);
  return {
    sandboxesMax: poolLimits.sandboxesMax,
    sandboxesBytesMax: workers * poolLimits.sandboxBytesPerWorkerMax,
    sandboxIdleMs: poolLimits.sandboxIdleMs,
    ...given,
  };
};

/** How many worker threads: one per CPU when undefined. Throws a RangeError when out of range. */
export const workersOf = (given: number | undefined): number => {
  const workers = given ?? Math.min(availableParallelism(), poolLimits.workersMax);
  check('workers', integer(0, poolLimits.workersMax), workers);
  return workers;
};
