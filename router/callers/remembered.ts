// What is known of tokens, bounded: those of callers and those that were refused apart, so that
// nobody pushes callers out by tokens that are none.

import { hash } from 'node:crypto';
import { routerLimits as limits } from '../../contract/limits.ts';
import type { Verdict } from './reviews.ts';

export interface Entry {
  /** To ask about it again. */
  readonly token: string;
  verdict: Verdict;
  /** When the API server said so, and when the token was last used: monotonic milliseconds. */
  reviewedAt: number;
  usedAt: number;
  /** Since it came, or was last passed over when room was made. */
  used: boolean;
  refreshing: boolean;
}

/** How long finding a token takes tells nothing of it. */
export const keyOf = (token: string): string => hash('sha256', token, 'base64url');

export class Remembered {
  readonly allowed = new Map<string, Entry>();
  readonly #refused = new Map<string, Entry>();

  find(key: string): Entry | undefined {
    return this.allowed.get(key) ?? this.#refused.get(key);
  }

  use(entry: Entry, now: number): void {
    entry.usedAt = now;
    entry.used = true;
  }

  /** Forgets the oldest when there is no room: of callers, the oldest that was not used since. */
  put(key: string, token: string, verdict: Verdict, now: number): void {
    const isAllowed = verdict.kind === 'allowed';
    const into = isAllowed ? this.allowed : this.#refused;
    this.allowed.delete(key);
    this.#refused.delete(key);
    const [reviewedAt, usedAt] = [now, now];
    into.set(key, { token, verdict, reviewedAt, usedAt, used: false, refreshing: false });
    const max = isAllowed ? limits.authEntriesMax : limits.authRefusedEntriesMax;
    // Corbató's clock: a use costs no change of the list, which each call would pay for.
    for (const [oldest, entry] of into) {
      if (into.size <= max) break;
      into.delete(oldest);
      if (!isAllowed || !entry.used) continue;
      entry.used = false;
      into.set(oldest, entry);
    }
  }
}
