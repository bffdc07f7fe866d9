// What is remembered of callers, and for how long, by a clock of the test's own.

import test from 'ava';
import { routerLimits as limits } from '../../../contract/limits.ts';
import { createCallerCache } from '../../../router/callers/cache.ts';
import type { Verdict } from '../../../router/callers/reviews.ts';

const allowed: Verdict = { kind: 'allowed', caller: 'alice' };
const unanswered: Verdict = { kind: 'unanswered', why: 'down' };

const start = (answer: Verdict) => {
  const state = { now: 0, answer, asked: 0 };
  const cache = createCallerCache(
    () => {
      state.asked += 1;
      return Promise.resolve(state.answer);
    },
    () => state.now,
  );
  return { state, cache };
};

test('a caller is asked about once, however many call at once', async (t) => {
  const { state, cache } = start(allowed);
  const verdicts = await Promise.all(
    Array.from({ length: 50 }, async () => cache.verdictOf('token')),
  );
  t.true(verdicts.every((verdict) => verdict === allowed));
  t.is(state.asked, 1);
  t.is(await cache.verdictOf('token'), allowed);
  t.is(state.asked, 1);
  cache.stop();
});

test('a router that is new asks about all its callers, so many at a time', async (t) => {
  let [underWay, most] = [0, 0];
  const cache = createCallerCache(async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise(setImmediate);
    underWay -= 1;
    return allowed;
  });
  const tokens = Array.from({ length: 5 * limits.reviewsMax }, (_, index) => `token ${index}`);
  const verdicts = await Promise.all(tokens.map(async (token) => cache.verdictOf(token)));
  t.true(verdicts.every(({ kind }) => kind === 'allowed'));
  t.is(most, limits.reviewsMax);
  cache.stop();
});

test('an answer is believed up to its bound and no longer', async (t) => {
  const { state, cache } = start(allowed);
  await cache.verdictOf('token');
  state.answer = { kind: 'unknown', why: 'revoked' };
  state.now = limits.authMaxMs;
  t.is((await cache.verdictOf('token')).kind, 'allowed');
  state.now = limits.authMaxMs + 1;
  t.is((await cache.verdictOf('token')).kind, 'unknown');
  cache.stop();
});

test('a caller seen in the last minute survives an outage; a new one does not', async (t) => {
  const { state, cache } = start(allowed);
  await cache.verdictOf('token');
  state.answer = unanswered;
  state.now = 60_000;
  t.is((await cache.verdictOf('token')).kind, 'allowed');
  t.is((await cache.verdictOf('another')).kind, 'unanswered');
  t.is(cache.size(), 1);
  cache.stop();
});

test('a refusal is not believed for long: who was just given a role does not wait', async (t) => {
  const { state, cache } = start({ kind: 'forbidden', username: 'bob' });
  await cache.verdictOf('token');
  state.answer = allowed;
  state.now = limits.authRefusedMs + 1;
  t.is((await cache.verdictOf('token')).kind, 'allowed');
  cache.stop();
});

test('no more callers are remembered than there is room for', async (t) => {
  const { cache } = start(allowed);
  for (let index = 0; index < limits.authEntriesMax + 10; index++) {
    await cache.verdictOf(String(index));
  }
  t.is(cache.size(), limits.authEntriesMax);
  cache.stop();
});

test('who comes with token after token pushes nobody out that calls now and then', async (t) => {
  const { state, cache } = start(allowed);
  await cache.verdictOf('token');
  for (let index = 0; index < 2 * limits.authEntriesMax; index++) {
    await cache.verdictOf(`another ${index}`);
    if (index % 1_000 === 0) await cache.verdictOf('token');
  }
  t.is(state.asked, 1 + 2 * limits.authEntriesMax);
  cache.stop();
});

test('tokens that are none push nobody out', async (t) => {
  const { state, cache } = start(allowed);
  await cache.verdictOf('token');
  state.answer = { kind: 'unknown', why: 'no such token' };
  for (let index = 0; index < limits.authEntriesMax + 10; index++) {
    await cache.verdictOf(`forged ${index}`);
  }
  const before = state.asked;
  t.is((await cache.verdictOf('token')).kind, 'allowed');
  t.is(state.asked, before);
  cache.stop();
});
