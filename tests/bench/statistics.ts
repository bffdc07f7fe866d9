// Medians, minima, ratios. Pure.

/** One measurement repeated. Times in milliseconds. */
export interface Summary {
  readonly p50: number;
  readonly p99: number;
  readonly min: number;
  readonly runs: number;
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** @param share as 0.99 */
export const percentile = (values: readonly number[], share: number): number =>
  at(
    values.toSorted((a, b) => a - b),
    share,
  );

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const summarise = (times: readonly number[]): Summary => {
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: at(sorted, 0.5), p99: at(sorted, 0.99), min: at(sorted, 0), runs: sorted.length };
};

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
