// How long to wait after a failure: exponential, capped, with full jitter, so that many who failed
// together do not come back together. Pure.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

export interface Backoff {
  readonly msMin: number;
  readonly msMax: number;
}

/** The longest wait after this many failures in a row, 1 for the first. */
export const ceilingOf = ({ msMin, msMax }: Backoff, failures: number): number =>
  Math.min(msMax, msMin * 2 ** Math.min(failures - 1, 50));

/** @param chance from 0 to 1 */
export const jittered = (backoff: Backoff, failures: number, chance: number): number =>
  Math.max(backoff.msMin, chance * ceilingOf(backoff, failures));
