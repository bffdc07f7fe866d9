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

const sandboxBounds: Readonly<Record<keyof SandboxLimits, ReturnType<typeof integer>>> = {
  sandboxesMax: integer(1, Number.MAX_SAFE_INTEGER),
  sandboxesBytesMax: integer(1, Number.MAX_SAFE_INTEGER),
  sandboxIdleMs: integer(1, Number.MAX_SAFE_INTEGER),
};

const check = (name: string, codec: ReturnType<typeof integer>, value: unknown): void => {
  if (codec.is(value)) return;
  throw new RangeError(`${name}: expected ${codec.name}, got ${show(value)}`);
};

/** Refuses a name that nothing is known by: a limit that is misspelt would be none. */
export const refuseUnknown = (path: string, given: object, known: readonly string[]): void => {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw new RangeError(`${path}: expected ${known.join(', ')}, got ${show(name)}`);
  }
};

/** What is given and not undefined, each within its bounds. */
const checked = <Name extends string>(
  path: string,
  given: Readonly<Partial<Record<Name, number>>>,
  known: Readonly<Record<Name, ReturnType<typeof integer>>>,
): Partial<Record<Name, number>> => {
  refuseUnknown(path, given, Object.keys(known));
  const set = (Object.entries(given) as [Name, unknown][]).filter(
    ([, value]) => value !== undefined,
  );
  for (const [name, value] of set) check(`${path}.${name}`, known[name], value);
  return Object.fromEntries(set) as Partial<Record<Name, number>>;
};

/**
 * The documented defaults, with those of `given` that are not undefined in their place. Throws a
 * RangeError when one is unknown or out of its range.
 */
export const limitsOf = (given: Partial<EvaluationLimits> = {}): EvaluationLimits => ({
  ...evaluationLimits,
  ...checked('limits', given, bounds),
});

/**
 * How many sandboxes so many workers keep: the documented defaults for each where nothing is given.
 * Throws a RangeError when one is unknown or out of its range.
 */
export const sandboxesOf = (
  given: Partial<SandboxLimits> = {},
  workers: number,
): SandboxLimits => ({
  sandboxesMax: poolLimits.sandboxesMax,
  sandboxesBytesMax: workers * poolLimits.sandboxBytesPerWorkerMax,
  sandboxIdleMs: poolLimits.sandboxIdleMs,
  ...checked('sandboxes', given, sandboxBounds),
});

/** How many worker threads: one per CPU when undefined. Throws a RangeError when out of range. */
export const workersOf = (given: number | undefined): number => {
  const workers = given ?? Math.min(availableParallelism(), poolLimits.workersMax);
  check('workers', integer(0, poolLimits.workersMax), workers);
  return workers;
};
