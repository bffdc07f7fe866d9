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

  /** Makes a caller the last to be forgotten. */
  use(key: string, entry: Entry, now: number): void {
    entry.usedAt = now;
    if (this.allowed.delete(key)) this.allowed.set(key, entry);
  }

  /** Forgets the least recently used caller, or the oldest refusal, when there is no room. */
  put(key: string, token: string, verdict: Verdict, now: number): void {
    const isAllowed = verdict.kind === 'allowed';
    const into = isAllowed ? this.allowed : this.#refused;
    this.allowed.delete(key);
    this.#refused.delete(key);
    into.set(key, { token, verdict, reviewedAt: now, usedAt: now, refreshing: false });
    const [oldest] = into.keys();
    const max = isAllowed ? limits.authEntriesMax : limits.authRefusedEntriesMax;
    if (into.size > max && oldest !== undefined) into.delete(oldest);
  }
}
