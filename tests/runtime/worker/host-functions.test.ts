// Host functions through the library: JSON in and out, errors thrown into the script, bounds, and
// what roll-back, dormancy and the clock have to say about them.

import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { hostFunctionLimits, journalLimits } from '../../../contract/limits.ts';
import { createEngine, type EngineOptions, type Evaluation } from '../../../runtime/index.ts';
import type { Outcome } from '../../../contract/outcome.ts';
import { failureOf, resultOf } from '../../helpers/engine.ts';

const withHost = async (
  host: EngineOptions['host'],
  run: (
    call: (evaluation: Evaluation, signal?: AbortSignal) => Promise<Outcome>,
    engine: Awaited<ReturnType<typeof createEngine>>,
  ) => Promise<void>,
  options: EngineOptions = {},
): Promise<void> => {
  const engine = await createEngine({ workers: 1, ...options, ...(host ? { host } : {}) });
  try {
    await run((evaluation, signal) => engine.evaluate(evaluation, 'alice', signal), engine);
  } finally {
    await engine.close();
  }
};

test('a script gets what the host gives, once, with who is calling', async (t) => {
  const seen: unknown[] = [];
  const lookup = async (
    argument: unknown,
    about: { caller: string; sandbox_id: string | null },
  ) => {
    await delay(5);
    seen.push(argument, about.caller, about.sandbox_id);
    return { found: argument, deep: [1, { two: null }] };
  };
  await withHost({ lookup }, async (call) => {
    const script = `(async () => {
      const { found, deep } = await host.lookup({ key: "k" });
      return [found, deep];
    })()`;
    const outcome = await call({ sandbox_id: 's', script });
    t.deepEqual(resultOf(outcome), [{ key: 'k' }, [1, { two: null }]]);
  });
  t.deepEqual(seen, [{ key: 'k' }, 'alice', 's']);
});

test('calls run side by side, and answers come in the order hosts give them in', async (t) => {
  const wait = async (ms: unknown) => {
    await delay(Number(ms));
    return ms;
  };
  await withHost({ wait }, async (call) => {
    const script =
      'const order = []; const one = (ms) => host.wait(ms).then((v) => order.push(v));' +
      'Promise.all([one(60), one(30), one(1)]).then(() => order)';
    t.deepEqual(resultOf(await call({ script })), [1, 30, 60]);
  });
});

test('what a function throws is thrown in the script, by its message alone', async (t) => {
  const host = {
    refuse: () => Promise.reject(new TypeError('not for you')),
    shout: () => {
      throw new Error('x'.repeat(5_000));
    },
    huge: () => 'y'.repeat(hostFunctionLimits.resultBytesMax),
    cyclic: () => {
      const cycle: Record<string, unknown> = {};
      cycle['self'] = cycle;
      return cycle;
    },
    nothing: () => undefined,
  };
  await withHost(host, async (call) => {
    const caught = (name: string) =>
      call({
        script: `host.${name}().then(
          (v) => ["ok", v],
          (e) => [e.name, e.message, String(e.stack).includes("node:")])`,
      });
    t.deepEqual(resultOf(await caught('refuse')), ['Error', 'not for you', false]);
    const [, shouted] = resultOf(await caught('shout')) as [string, string];
    t.is(shouted.length, hostFunctionLimits.messageCharsMax);
    t.regex(String(resultOf(await caught('huge'))), /bytes of JSON, over/);
    t.regex(String(resultOf(await caught('cyclic'))), /circular/);
    t.deepEqual(resultOf(await caught('nothing')), ['ok', null]);
    t.regex(failureOf(await call({ script: 'host.refuse()' })), /RUNTIME_ERROR.*not for you/);
    t.regex(failureOf(await call({ script: 'host.other()' })), /TypeError/);
  });
});

test('a time limit longer than a timer can be is none that is over at once', async (t) => {
  const wait = () => delay(20);
  const run = async (call: (evaluation: Evaluation) => Promise<Outcome>) => {
    t.is(resultOf(await call({ script: 'host.wait().then(() => "done")' })), 'done');
  };
  await withHost({ wait }, run, { limits: { timeMsMax: Number.MAX_SAFE_INTEGER } });
});

test('arguments and unanswered calls are bounded, and the error says so', async (t) => {
  let most = 0;
  let open = 0;
  const slow = async () => {
    open += 1;
    most = Math.max(most, open);
    await delay(1);
    open -= 1;
  };
  await withHost({ slow }, async (call) => {
    const long = `host.slow("x".repeat(${hostFunctionLimits.argumentBytesMax}))`;
    t.regex(failureOf(await call({ script: long })), /RangeError.*\d+/);
    const many = `(async () => {
      const all = []; for (let i = 0; i < 50; i++) all.push(host.slow(i));
      return (await Promise.allSettled(all)).filter(({ status }) => status === "rejected").length
    })()`;
    t.is(resultOf(await call({ script: many })), 50 - hostFunctionLimits.unansweredMax);
    const endless = '(async () => { for (let i = 0; ; i++) await host.slow(i) })()';
    t.regex(failureOf(await call({ script: endless })), /RangeError/);
  });
  t.is(most, hostFunctionLimits.unansweredMax);
});

test('a worker does other calls while one waits for its host', async (t) => {
  const gate = Promise.withResolvers<string>();
  await withHost({ gate: () => gate.promise }, async (call, engine) => {
    const waiting = call({ sandbox_id: 'w', script: 'host.gate()' });
    t.is(resultOf(await call({ sandbox_id: 'other', script: '1 + 1' })), 2);
    t.is(engine.load().running, 1);
    gate.resolve('open');
    t.is(resultOf(await waiting), 'open');
    t.deepEqual(engine.load(), { running: 0, slow: 0, waiting: 0 });
  });
});

test('state survives, and no call of the host is made twice by a roll-back', async (t) => {
  let calls = 0;
  const count = () => (calls += 1);
  await withHost({ count }, async (call) => {
    const one = { sandbox_id: 's', init_script: 'let n = 0;' };
    const add = { ...one, script: 'host.count().then((v) => n += v)' };
    for (const expected of [1, 3, 6]) t.is(resultOf(await call(add)), expected);
    const stop = await call({ ...one, script: 'n = 0; for (;;);', limits: { fuel: 1e8 } });
    t.is(stop.state, 'rolled_back');
    const after = await call({ ...one, script: 'n' });
    t.is(`${String(resultOf(after))} ${after.usage.sandbox}`, '6 dormant');
    const mixed = {
      ...one,
      script: 'host.count().then(() => { for (;;); })',
      limits: { fuel: 1e8 },
    };
    t.is((await call(mixed)).state, 'rolled_back');
    t.is(calls, 4, 'what the host has done is not undone');
    t.is(resultOf(await call({ ...one, script: 'n' })), 6);
    for (let index = 0; index < journalLimits.lightEntriesMax + 2; index++) {
      await call({ ...one, script: 'n' });
    }
    t.is(calls, 4);
  });
});

test('an init_script may call the host; it is run for each sandbox', async (t) => {
  let calls = 0;
  const next = () => (calls += 1);
  await withHost({ next }, async (call) => {
    const init_script =
      'var mine; for (let i = 0; i < 1e4; i++); host.next().then((v) => (mine = v))';
    for (const id of ['a', 'b']) {
      const outcome = await call({ sandbox_id: id, init_script, script: 'mine' });
      t.is(resultOf(outcome), id === 'a' ? 1 : 2);
    }
    t.is(calls, 2);
  });
});

test('calls that a script does not wait for are made all the same', async (t) => {
  const told: unknown[] = [];
  await withHost({ tell: (argument) => told.push(argument) }, async (call) => {
    const init_script = 'host.tell("init"); 0';
    t.is(resultOf(await call({ init_script, script: 'host.tell("script"); 1' })), 1);
    t.deepEqual(told, ['init', 'script']);
    const thrown = await call({ script: 'host.tell("thrown"); null.x' });
    t.is(thrown.status, 'RUNTIME_ERROR');
    t.is(told.length, 3);
  });
});

test('a host that never answers: the clock ends the call, and an abort does', async (t) => {
  const signals: AbortSignal[] = [];
  const never = (_: unknown, { signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    return new Promise(() => undefined);
  };
  await withHost(
    { never },
    async (call, engine) => {
      const one = { sandbox_id: 's', init_script: 'let n = 7;' };
      t.is(resultOf(await call({ ...one, script: 'n' })), 7);
      const late = await call({ ...one, script: 'n = 8; host.never()' });
      t.is(`${late.status} ${late.state}`, 'OUT_OF_TIME rolled_back');
      t.is(resultOf(await call({ ...one, script: 'n' })), 7);
      const controller = new AbortController();
      const waiting = call({ ...one, script: 'n = 9; host.never()' }, controller.signal);
      while (signals.length < 2) await delay(1);
      controller.abort(new Error('enough'));
      await t.throwsAsync(waiting, { message: 'enough' });
      t.is(resultOf(await call({ ...one, script: 'n' })), 7);
      const aborted = signals.map((signal) => signal.aborted);
      t.deepEqual(aborted, [true, true]);
      t.deepEqual(engine.load(), { running: 0, slow: 0, waiting: 0 });
    },
    { limits: { timeMsMax: 4_000 } },
  );
});

test('closing an engine ends what waits for its host', async (t) => {
  const engine = await createEngine({
    workers: 1,
    host: { never: () => new Promise(() => undefined) },
  });
  const waiting = engine.evaluate({ script: 'host.never()' });
  while (engine.load().running === 0) await delay(1);
  await delay(20);
  await engine.close();
  await t.throwsAsync(waiting, { message: /closed/ });
});

test('without host functions there is no host, and fuel is what it was', async (t) => {
  await withHost(undefined, async (call) => {
    t.is(resultOf(await call({ script: 'typeof host' })), 'undefined');
  });
});

test('names and functions are checked', async (t) => {
  const create = (host: unknown) => createEngine({ host: host as EngineOptions['host'] & object });
  await t.throwsAsync(create({ 'a b': () => 1 }), { instanceOf: RangeError, message: /a b/ });
  await t.throwsAsync(create({ then: () => 1 }), { message: /not then, got "then"/ });
  await t.throwsAsync(create({ a: 1 }), { message: /host\.a: expected a function, got 1/ });
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`f${index}`, () => 1]));
  await t.throwsAsync(create(many), { message: /at most 64 functions, got 65/ });
});

test('a call that is withdrawn while it runs and then waits is given up', async (t) => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<undefined>();
  const gone = new AbortController();
  const first = () => {
    ask(undefined);
    return 1;
  };
  const never = () => new Promise(() => undefined);
  await withHost({ first, never }, async (call, engine) => {
    await call({ sandbox_id: 's', script: 'var n = 1' });
    const script = '(async () => { n = 2; await host.first(0); n = 3; await host.never(0); })()';
    const calling = call({ sandbox_id: 's', script }, gone.signal);
    await asked;
    // It has its answer, and runs until it waits again, in less than a quantum.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    gone.abort();
    await t.throwsAsync(calling, { name: 'AbortError' });
    t.is(resultOf(await call({ sandbox_id: 's', script: 'n' })), 1);
    t.is(engine.load().running, 0);
  });
});

test('a call that is given up ends before the next of its sandbox begins', async (t) => {
  const never = () => new Promise(() => undefined);
  await withHost({ never }, async (call) => {
    await call({ sandbox_id: 's', script: 'var n = 1; var held = new Uint8Array(2e7); 0' });
    for (let round = 0; round < 30; round++) {
      const gone = new AbortController();
      const calling = call({ sandbox_id: 's', script: 'host.never()' }, gone.signal);
      await delay(2);
      gone.abort();
      await t.throwsAsync(calling, { name: 'AbortError' });
      // It is over before its worker has looked at anything else: no fuel is granted.
      const refused = call({ sandbox_id: 's', script: 'n', limits: { memory_bytes: 2 ** 23 } });
      t.is((await refused).status, 'OUT_OF_MEMORY');
      t.is(resultOf(await call({ sandbox_id: 's', script: 'n' })), 1);
    }
  });
});

test('one caller cannot take all of the room for calls that wait', async (t) => {
  const answers: ((value: unknown) => void)[] = [];
  const slow = () => new Promise<unknown>((resolve) => answers.push(resolve));
  await withHost({ slow }, async (call, engine) => {
    const hog = Array.from({ length: hostFunctionLimits.waitingPerCallerMax + 9 }, () =>
      call({ script: 'host.slow(0)' }),
    );
    while (answers.length < hostFunctionLimits.waitingPerCallerMax) await delay(5);
    t.is(resultOf(await engine.evaluate({ script: '1' }, 'bob')), 1);
    t.is(engine.load().waiting, 9);
    const all = Promise.all(hog);
    const drip = setInterval(() => {
      for (const answer of answers.splice(0)) answer(1);
    }, 1);
    await all;
    clearInterval(drip);
  });
});
