// What a state log tells of itself, and how seldom it repeats itself.

import { stateLimits } from '../../contract/limits.ts';

/** Nothing here is an error that a caller has to handle; all of it is worth a line in a log. */
export type StateEvent =
  /** A segment that cannot be ours was moved to `set-aside/`, unread. */
  | { readonly kind: 'set-aside'; readonly file: string; readonly reason: string }
  /** A record that was being written when the process or the machine ended. */
  | { readonly kind: 'torn-tail'; readonly file: string; readonly bytes: number }
  /** Bytes that should be records and are none; what they held is lost. */
  | { readonly kind: 'damaged'; readonly file: string; readonly bytes: number }
  /** A file could not be read; what it holds is missing until it can. */
  | { readonly kind: 'unreadable'; readonly file: string; readonly error: string }
  /** Keys that went because the log is full, oldest first, since this was last told. */
  | { readonly kind: 'evicted'; readonly times: number }
  /** Writes that the disk refused since this was last told: those values are not kept. */
  | { readonly kind: 'write-failed'; readonly times: number; readonly error: string }
  /** Values that came faster than the disk takes them, or are larger than any may be. */
  | { readonly kind: 'not-kept'; readonly times: number };

export type TellState = (event: StateEvent) => void;

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/**
 * What may happen a thousand times a second: told at once, then no more than once in a while, with
 * how often it was. `now` in milliseconds.
 */
export const createTeller = (
  tell: (times: number, error: string) => void,
  now: () => number,
): { readonly met: (error?: string) => void; readonly end: () => void } => {
  let [times, toldAt, last] = [0, -Infinity, ''];
  const say = (): void => {
    const count = times;
    [times, toldAt] = [0, now()];
    tell(count, last);
  };
  return {
    met(error = '') {
      times += 1;
      last = error;
      if (now() - toldAt >= stateLimits.tellMs) say();
    },
    end() {
      if (times > 0) say();
    },
  };
};
