// What the API server said of tokens, kept for a while: asked again in the background while a token
// is in use, so that calls wait for no review, and good for longer when the API server is away.

import { routerLimits as limits } from '../../contract/limits.ts';
import { Line } from './line.ts';
import { keyOf, Remembered, type Entry } from './remembered.ts';
import type { Review, Verdict } from './reviews.ts';

export interface CallerCache {
  /** At once for a caller that is known. */
  readonly verdictOf: (token: string) => Verdict | Promise<Verdict>;
  readonly size: () => number;
  readonly stop: () => void;
}

export const createCallerCache = (
  review: Review,
  now: () => number = () => performance.now(),
): CallerCache => {
  const remembered = new Remembered();
  const asked = new Map<string, Promise<Verdict>>();
  const line = new Line({
    workingMax: limits.reviewsMax,
    waitingMax: limits.reviewsWaitingMax,
    waitMs: limits.reviewWaitMs,
  });

  const ask = async (key: string, token: string): Promise<Verdict> => {
    if (!(await line.enter())) return { kind: 'unanswered', why: 'too many new callers' };
    const verdict = await review(token).finally(() => {
      line.leave();
    });
    if (verdict.kind !== 'unanswered') remembered.put(key, token, verdict, now());
    return verdict;
  };

  const refresh = async (key: string, entry: Entry): Promise<void> => {
    if (entry.refreshing) return;
    entry.refreshing = true;
    const verdict = await review(entry.token);
    entry.refreshing = false;
    if (verdict.kind === 'unanswered' || remembered.allowed.get(key) !== entry) return;
    if (verdict.kind !== 'allowed') {
      remembered.put(key, entry.token, verdict, now());
      return;
    }
    entry.verdict = verdict;
    entry.reviewedAt = now();
  };

  const sweep = (): void => {
    for (const [key, entry] of remembered.allowed) {
      const age = now() - entry.reviewedAt;
      const used = now() - entry.usedAt < limits.authRecentMs;
      if (age > limits.authMaxMs) remembered.allowed.delete(key);
      else if (age > limits.authFreshMs && used) void refresh(key, entry);
    }
  };
  const timer = setInterval(sweep, limits.lookMs);
  timer.unref();

  return {
    size: () => remembered.allowed.size,
    stop: () => {
      clearInterval(timer);
    },
    verdictOf(token) {
      const key = keyOf(token);
      const entry = remembered.find(key);
      const age = entry ? now() - entry.reviewedAt : Infinity;
      const ageMax = entry?.verdict.kind === 'allowed' ? limits.authMaxMs : limits.authRefusedMs;
      if (entry && age <= ageMax) {
        remembered.use(entry, now());
        return entry.verdict;
      }
      const running = asked.get(key) ?? ask(key, token).finally(() => asked.delete(key));
      asked.set(key, running);
      return running;
    },
  };
};
