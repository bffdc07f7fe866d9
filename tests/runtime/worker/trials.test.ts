// Calls on trial: who holds all workers with slow calls has his short ones answered all the same,
// and nothing else is gained by it.

import test from 'ava';
import { poolLimits } from '../../../contract/limits.ts';
import { createEngine, type Engine, type Evaluation } from '../../../runtime/index.ts';
import type { Outcome } from '../../../contract/outcome.ts';
import { createTrials } from '../../../runtime/worker/trials.ts';
import { resultOf } from '../../helpers/engine.ts';

const { trialPauseMs, trialPauseMsMax, habitsMax } = poolLimits;
const endless = 'for (;;);';
const limits = { fuelMax: Number.MAX_SAFE_INTEGER, timeMsMax: 60_000 };
/** Several times the fuel of a trial. */
const slow = 'for (let i = 0; i < 1e6; i++);';
const patienceMs = 60_000;

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
};

const openEngine = async (workers: number, options: Parameters<typeof createEngine>[0] = {}) => {
  const engine = await createEngine({ workers, limits, ...options });
  const call = (evaluation: Evaluation, caller = 'me'): Promise<Outcome> =>
    engine.evaluate(evaluation, caller);
  const close = (): Promise<void> => engine.close();
  return { engine, call, close, [Symbol.asyncDispose]: close };
};

/** `count` endless calls that are slow already, until they are let go. */
const hold = async (engine: Engine, count: number, caller = 'me') => {
  const gone = new AbortController();
  const before = engine.load().slow;
  const held = Array.from({ length: count }, () =>
    engine.evaluate({ script: endless }, caller, gone.signal).catch(() => 'let go'),
  );
  await until(() => engine.load().slow === before + count);
  return async () => {
    gone.abort();
    return Promise.all(held);
  };
};

test.serial(
  'short calls of who holds all workers are answered, and the slow ones go on',
  async (t) => {
    t.timeout(patienceMs);
    await using one = await openEngine(2);
    const { engine, call } = one;
    for (const sandbox_id of ['a', 'b', 'c']) await call({ sandbox_id, script: 'var n = 1' });
    const letGo = await hold(engine, 2);
    t.is(resultOf(await call({ script: '1+1' })), 2, 'one-shot');
    t.is(resultOf(await call({ sandbox_id: 'new', script: '1+1' })), 2, 'new');
    for (const sandbox_id of ['a', 'b', 'c']) {
      t.is(
        resultOf(await call({ sandbox_id, script: '++n' })),
        2,
        `its home was busy: ${sandbox_id}`,
      );
      t.is(
        resultOf(await call({ sandbox_id, script: '++n' })),
        3,
        `its home is free: ${sandbox_id}`,
      );
    }
    t.deepEqual(engine.load(), { running: 2, slow: 2, waiting: 0 });
    t.deepEqual(await letGo(), ['let go', 'let go']);
  },
);

test.serial('what is slow on trial waits for its turn, as if it had not been tried', async (t) => {
  t.timeout(patienceMs);
  await using one = await openEngine(1);
  const { engine, call } = one;
  const count = { script: `var n = (globalThis.n ?? 0) + 1; ${slow} n`, seed: 1, now: 1 };
  const alone = await call({ sandbox_id: 'alone', ...count });
  t.is(resultOf(await call({ sandbox_id: 'kept', script: 'var n = 5; n' })), 5);
  const letGo = await hold(engine, 1);
  const order: string[] = [];
  const tell = async (name: string, evaluation: Evaluation): Promise<Outcome> => {
    const outcome = await call(evaluation);
    order.push(name);
    return outcome;
  };
  const all = [
    tell('kept', { sandbox_id: 'kept', ...count }),
    tell('new', { sandbox_id: 'new', ...count }),
    tell('new again', { sandbox_id: 'new', ...count }),
    tell('short', { script: '1' }),
  ];
  await all[3];
  await until(() => engine.load().running === 1);
  t.deepEqual(order, ['short'], 'the others are slow');
  void letGo();
  const [kept, made, again] = (await Promise.all(all)).slice(0, 3);
  t.deepEqual(
    [kept, made, again].map((outcome) => outcome && resultOf(outcome)),
    [6, 1, 2],
  );
  t.is(made?.usage.fuel, alone.usage.fuel);
  t.is(made?.usage.sandbox, 'new');
  t.deepEqual(order, ['short', 'kept', 'new', 'new again']);
});

test.serial('a call on trial that ends for the sake of another is whole in its turn', async (t) => {
  t.timeout(patienceMs);
  await using one = await openEngine(1);
  const { call, engine } = one;
  const letGo = await hold(engine, 1);
  t.is(resultOf(await call({ script: '1' })), 1, 'the spare worker has started');
  const script = `var n = (globalThis.n ?? 0) + 1; ${slow} n`;
  const order: string[] = [];
  const tried = [1, 2, 3].map(async (index) => {
    const outcome = await call({ sandbox_id: `own ${index}`, script });
    order.push(`own ${index}`);
    return resultOf(outcome);
  });
  for (let other = 1; other <= 3; other++) {
    t.is(resultOf(await call({ script: '2' }, 'other')), 2);
    order.push('other');
  }
  void letGo();
  t.deepEqual(await Promise.all(tried), [1, 1, 1]);
  t.deepEqual(order, ['other', 'other', 'other', 'own 1', 'own 2', 'own 3']);
});

test.serial('a flood of new sandboxes that are slow has one more worker at most', async (t) => {
  t.timeout(patienceMs);
  await using one = await openEngine(1);
  const { engine, call } = one;
  const letGo = await hold(engine, 1);
  let answered = 0;
  const flood = Array.from({ length: 50 }, async (_, index) => {
    const outcome = await call({ sandbox_id: `flood ${index}`, script: slow });
    answered += 1;
    return outcome.status;
  });
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, engine.load().running)), 1);
  for (let i = 0; i < 20; i++) await call({ script: '1' }, `other ${i % 3}`);
  t.is(answered, 0, 'others are answered before any of them');
  void letGo();
  await until(() => answered > 0);
  await call({ script: '1' }, 'other');
  t.true(answered < flood.length, 'and in the midst of them');
  t.deepEqual(new Set(await Promise.all(flood)), new Set(['OK']));
  clearInterval(watch);
  t.true(most <= 2, `${most} at once`);
});

test.serial('short calls without a pause do not starve the slow ones', async (t) => {
  t.timeout(patienceMs);
  await using one = await openEngine(1);
  const { call } = one;
  let ended = 0;
  const slowOnes = Array.from({ length: 4 }, (_, index) =>
    call({ sandbox_id: `slow ${index}`, script: slow }).then(() => (ended += 1)),
  );
  let between = 0;
  const lanes = [1, 2, 3].map(async () => {
    for (; ended < slowOnes.length; between++) await call({ script: '1' });
  });
  await Promise.all([...slowOnes, ...lanes]);
  t.true(between > 3, 'and were answered');
});

test.serial('a call that has asked its host is not tried any more: it is asked once', async (t) => {
  t.timeout(patienceMs);
  let asked = 0;
  const ask = () => Promise.resolve((asked += 1));
  await using one = await openEngine(1, { host: { ask } });
  const { engine, call } = one;
  const letGo = await hold(engine, 1);
  const after = await call({ script: `host.ask().then((n) => { ${slow} return n; })` });
  t.is(resultOf(after), 1, 'it went on where it had come to');
  const before = call({ script: `${slow} host.ask()` });
  const unawaited = call({ script: `host.ask(); ${slow} 3` });
  t.is(resultOf(await call({ script: '1' })), 1);
  t.is(asked, 1);
  void letGo();
  t.deepEqual((await Promise.all([before, unawaited])).map(resultOf), [2, 3]);
  await until(() => asked === 3);
});

test.serial('who leaves while his call is on trial leaves nothing behind', async (t) => {
  t.timeout(patienceMs);
  await using one = await openEngine(1);
  const { engine, call } = one;
  await call({ sandbox_id: 'own', script: 'var n = 1' });
  const letGo = await hold(engine, 1);
  t.is(resultOf(await call({ script: '1' })), 1, 'the spare worker has started');
  const gone = new AbortController();
  const script = `n = 2; ${endless}`;
  const left = engine.evaluate({ sandbox_id: 'own', script }, 'me', gone.signal);
  t.is(engine.load().running, 2);
  gone.abort();
  await t.throwsAsync(left, { name: 'AbortError' });
  await until(() => engine.load().running === 1);
  t.deepEqual(engine.load(), { running: 1, slow: 1, waiting: 0 });
  void letGo();
  t.is(resultOf(await call({ sandbox_id: 'own', script: 'n' })), 1);
});

test('after one that was slow the next waits, twice as long each time, up to a bound', (t) => {
  const trials = createTrials();
  t.is(trials.of('x', undefined, 0), 'this');
  let now = 0;
  for (let pause = trialPauseMs; pause < trialPauseMsMax * 4; pause *= 2) {
    trials.ended('x', true, now);
    now += Math.min(pause, trialPauseMsMax);
    t.is(trials.of('x', undefined, now - 1), 'none');
    t.is(trials.of('x', undefined, now), 'this');
    t.is(trials.of('y', undefined, now - 1), 'this', 'each caller for himself');
  }
  for (let count = 0; count < 20; count++) trials.ended('x', false, now);
  trials.ended('x', true, now);
  t.is(trials.of('x', undefined, now + trialPauseMs), 'this', 'short ones make up for it');
});

test('a sandbox whose last call was slow is not worth a trial', (t) => {
  const trials = createTrials();
  t.is(trials.of('x', { slow: true }, 0), 'another');
  t.is(trials.of('x', { slow: false }, 0), 'this');
});

test('of many callers those of long ago are forgotten', (t) => {
  const trials = createTrials();
  for (let i = 0; i <= habitsMax; i++) trials.ended(`caller ${i}`, true, 0);
  t.is(trials.of('caller 0', undefined, 0), 'this');
  t.is(trials.of('caller 1', undefined, 0), 'none');
});
