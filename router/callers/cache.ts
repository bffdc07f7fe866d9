// What the API server said of tokens, kept for a while: asked again in the background while a token
// is in use, so that calls wait for no review, and good for longer when the API server is away.

import { createHash } from 'node:crypto';
import { routerLimits as limits } from '../../contract/limits.ts';
import type { Review, Verdict } from './reviews.ts';

interface Entry {
  readonly token: string;
  verdict: Verdict;
  /** When the API server said so, and when the token was last used: monotonic milliseconds. */
  reviewedAt: number;
  usedAt: number;
  refreshing: boolean;
}

export interface CallerCache {
  readonly verdictOf: (token: string) => Promise<Verdict>;
  readonly size: () => number;
  readonly stop: () => void;
}

/** A token is not kept under itself: a dump of memory or a log of keys gives none away. */
const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

export const createCallerCache = (
  review: Review,
  now: () => number = () => performance.now(),
): CallerCache => {
  const entries = new Map<string, Entry>();
  // Apart, so that nobody pushes callers out by tokens that are none.
  const refused = new Map<string, Entry>();
  const asked = new Map<string, Promise<Verdict>>();
  let underWay = 0;

  const put = (key: string, token: string, verdict: Verdict): void => {
    const allowed = verdict.kind === 'allowed';
    const [into, max] = allowed
      ? [entries, limits.authEntriesMax]
      : [refused, limits.authRefusedEntriesMax];
    entries.delete(key);
    refused.delete(key);
    into.set(key, {
      ...{ token, verdict },
      ...{ reviewedAt: now(), usedAt: now(), refreshing: false },
    });
    const [oldest] = into.keys();
    if (into.size > max && oldest !== undefined) into.delete(oldest);
  };

  const ask = async (key: string, token: string): Promise<Verdict> => {
    if (underWay >= limits.reviewsMax) return { kind: 'unanswered', why: 'too many new callers' };
    underWay += 1;
    const verdict = await review(token);
    underWay -= 1;
    if (verdict.kind !== 'unanswered') put(key, token, verdict);
    return verdict;
  };

  const refresh = async (key: string, entry: Entry): Promise<void> => {
    if (entry.refreshing) return;
    entry.refreshing = true;
    const verdict = await review(entry.token);
    entry.refreshing = false;
    if (verdict.kind === 'unanswered' || entries.get(key) !== entry) return;
    if (verdict.kind !== 'allowed') {
      put(key, entry.token, verdict);
      return;
    }
    entry.verdict = verdict;
    entry.reviewedAt = now();
  };

  const sweep = (): void => {
    for (const [key, entry] of entries) {
      const age = now() - entry.reviewedAt;
      const used = now() - entry.usedAt < limits.authRecentMs;
      if (age > limits.authMaxMs) entries.delete(key);
      else if (age > limits.authFreshMs && used) void refresh(key, entry);
    }
  };
  const timer = setInterval(sweep, limits.lookMs);
  timer.unref();

  return {
    size: () => entries.size,
    stop: () => {
      clearInterval(timer);
    },
    async verdictOf(token) {
      const key = keyOf(token);
      const entry = entries.get(key) ?? refused.get(key);
      const age = entry ? now() - entry.reviewedAt : Infinity;
      const ageMax = entry?.verdict.kind === 'allowed' ? limits.authMaxMs : limits.authRefusedMs;
      if (entry && age <= ageMax) {
        entry.usedAt = now();
        return entry.verdict;
      }
      const running = asked.get(key) ?? ask(key, token).finally(() => asked.delete(key));
      asked.set(key, running);
      return running;
    },
  };
};
