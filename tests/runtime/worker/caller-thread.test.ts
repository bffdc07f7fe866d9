// An engine without worker threads: the same answers, in the thread of whoever calls.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { createEngine } from '../../../runtime/index.ts';
import { resultOf, withEngine } from '../../helpers/engine.ts';
import { wasmOf } from '../../helpers/tiny-interpreter.ts';

const exec = promisify(execFile);
const library = new URL('../../../runtime/index.ts', import.meta.url).href;

const host = {
  double: (value: unknown) => Promise.resolve(Number(value) * 2),
  never: () => new Promise<never>(() => undefined),
};
const { engine, evaluate } = withEngine(test, { workers: 0, host, limits: { timeMsMax: 5_000 } });

const deep = {
  functions: '(function f(n) { return n === 0 ? 0 : 1 + f(n - 1); })(5000)',
  native: '(function f() { return [1].map(f); })()',
  generators: '(() => { function* g() { yield* g(); } return [...g()]; })()',
  getters: '({ get a() { return this.a; } }).a',
  flat: '(() => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a.flat(Infinity); })()',
};

test('a call does what it does in a worker thread, for as much fuel', async (t) => {
  await using threaded = await createEngine({ workers: 1, host });
  const calls = ['var n = 1', '++n', 'throw new Error(n)', '++n', 'host.double(++n)', 'for(;;);'];
  for (const script of calls) {
    const call = { sandbox_id: 's', init_script: 'var i = []', script, seed: 1, now: 2 };
    const limits = { fuel: 50_000_000 };
    const [own, other] = await Promise.all([
      engine().evaluate({ ...call, limits }),
      threaded.evaluate({ ...call, limits }),
    ]);
    const timeless = ({ usage, ...rest }: typeof own) => ({ ...rest, fuel: usage.fuel });
    t.deepEqual(timeless(own), timeless(other), script);
  }
});

test('sources that nest ten levels deep are read, deeper ones end in words', async (t) => {
  const nested = (open: string, close: string, depth: number) =>
    `(${open.repeat(depth)}7${close.repeat(depth)})`;
  for (const [open, close] of [
    ['(', ')'],
    ['[', ']'],
    ['{a:', '}'],
    ['function () { return ', '}'],
    ['() => (', ')'],
  ] as const) {
    const sandbox_id = open;
    const script = `var n = 1; ${nested(open, close, 10)}; n`;
    t.is(resultOf(await evaluate({ sandbox_id, script })), 1, open);
    const deeper = await evaluate({ sandbox_id, script: `n = 2; ${nested(open, close, 100)}` });
    t.is(deeper.status, 'RUNTIME_ERROR', open);
    t.is(resultOf(await evaluate({ sandbox_id, script: 'n' })), 1, open);
  }
});

test('calls are answered in their order, and whoever asks goes on first', async (t) => {
  const answered: number[] = [];
  const asked = [1, 2, 3].map(async (number) => {
    await evaluate({ sandbox_id: 'order', script: String(number) });
    answered.push(number);
  });
  t.deepEqual(answered, []);
  await Promise.all(asked);
  t.deepEqual(answered, [1, 2, 3]);
});

test('recursion ends before the stack of the thread does, wherever the compiler is', async (t) => {
  const source = `
    import { createEngine } from '${library}';
    const engine = await createEngine({ workers: 0 });
    const answers = [];
    for (const script of ${JSON.stringify(Object.values(deep))}) {
      const { status, message, usage } = await engine.evaluate({ script, seed: 1, now: 2 });
      answers.push([status, message, usage.fuel]);
    }
    console.log(JSON.stringify(answers));`;
  const under = async (...flags: string[]): Promise<unknown> => {
    const { stdout } = await exec(process.execPath, [
      ...flags,
      '--input-type=module',
      '-e',
      source,
    ]);
    return JSON.parse(stdout);
  };
  const plain = (await under()) as [string, string | undefined, number][];
  t.deepEqual(
    plain.map(([status]) => status),
    ['OK', ...Array.from({ length: 4 }, () => 'RUNTIME_ERROR')],
  );
  for (const [, message] of plain.slice(1)) t.regex(String(message), /^RangeError: Maximum call/);
  t.deepEqual(await under('--liftoff-only'), plain);
  t.deepEqual(await under('--no-liftoff', '--wasm-lazy-compilation'), plain);
});

test('what recursion has ended is rolled back, and the next call is right', async (t) => {
  resultOf(await evaluate({ sandbox_id: 'deep', script: 'var n = 1' }));
  for (const script of Object.values(deep).slice(1)) {
    const outcome = await evaluate({ sandbox_id: 'deep', script: `n++; ${script}` });
    const { state, status } = outcome;
    t.is(status, 'RUNTIME_ERROR', script);
    t.regex('message' in outcome ? outcome.message : '', /^RangeError: /, script);
    const kept = state === 'kept';
    t.is(resultOf(await evaluate({ sandbox_id: 'deep', script: 'n' })), kept ? 2 : 1);
    await evaluate({ sandbox_id: 'deep', script: 'n = 1' });
  }
});

test('a call ends when its time is over', async (t) => {
  await using brief = await createEngine({ workers: 0, limits: { timeMsMax: 20 } });
  await brief.evaluate({ sandbox_id: 'slow', script: 'var n = 1' });
  const slow = await brief.evaluate({ sandbox_id: 'slow', script: 'n = 2; for (;;);' });
  t.is(`${slow.status} ${slow.state}`, 'OUT_OF_TIME rolled_back');
  t.is(resultOf(await brief.evaluate({ sandbox_id: 'slow', script: 'n' })), 1);
});

test('a signal ends a call that waits for its host, and one that has not begun', async (t) => {
  await evaluate({ sandbox_id: 'gone', script: 'var n = 1' });
  const gone = new AbortController();
  const waiting = engine().evaluate(
    { sandbox_id: 'gone', script: 'n = 2; host.never()' },
    '',
    gone.signal,
  );
  const behind = engine().evaluate({ sandbox_id: 'gone', script: 'n = 3' }, '', gone.signal);
  setImmediate(() => {
    gone.abort();
  });
  await t.throwsAsync(waiting, { name: 'AbortError' });
  await t.throwsAsync(behind, { name: 'AbortError' });
  t.is(resultOf(await evaluate({ sandbox_id: 'gone', script: 'n' })), 1);
});

test('sandboxes that are put to rest come back', async (t) => {
  await using small = await createEngine({
    workers: 0,
    sandboxes: { sandboxesBytesMax: 32 << 20 },
  });
  const ids = Array.from({ length: 200 }, (_, index) => `s${index}`);
  const dormant: string[] = [];
  for (const round of [1, 2, 3]) {
    for (const sandbox_id of ids) {
      const outcome = await small.evaluate({ sandbox_id, init_script: 'var n = 0', script: '++n' });
      t.is(resultOf(outcome), round);
      if (round > 1) dormant.push(outcome.usage.sandbox);
    }
  }
  t.true(dormant.includes('dormant'));
});

test('an interpreter that breaks the ABI ends its own call alone', async (t) => {
  for (const kind of ['exit', 'wild-pointer', 'unknown-status'] as const) {
    const module = { module: await WebAssembly.compile(wasmOf(kind)), name: 'tiny' };
    await using broken = await createEngine({ workers: 0, module });
    for (const script of ['1', '2']) {
      t.is((await broken.evaluate({ script })).status, 'INTERNAL_SERVER_ERROR');
    }
  }
});

test('the process ends when nothing else is to be done', async (t) => {
  const source = `
    import { createEngine } from '${library}';
    const engine = await createEngine({ workers: 0 });
    console.log((await engine.evaluate({ script: '6 * 7' })).result_json);`;
  const { stdout } = await exec(process.execPath, ['--input-type=module', '-e', source]);
  t.is(stdout, '42\n');
});

test('the caller’s own context is left as it was', (t) => {
  t.false('gc' in globalThis);
});
