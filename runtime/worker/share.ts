// The share of its time that a worker has been busy of late.

import { poolLimits } from '../../contract/limits.ts';

export interface Share {
  /** From `now` on it is busy (1) or idle (0). */
  readonly set: (busy: 0 | 1, now: number) => void;
  /** It is to expect more, or less. */
  readonly shift: (by: number) => void;
  /** 0 to 1; the last moments count most. */
  readonly at: (now: number) => number;
}

/** Idle until it is told otherwise. Times in milliseconds of a monotonic clock. */
export const createShare = (): Share => {
  let [share, since]: [number, number] = [0, 0];
  let busy: 0 | 1 = 0;
  const at = (now: number): number =>
    busy + (share - busy) * Math.exp((since - now) / poolLimits.shareMs);
  return {
    at,
    set(next, now) {
      [share, since, busy] = [at(now), now, next];
    },
    shift(by) {
      share = Math.min(1, Math.max(0, share + by));
    },
  };
};
