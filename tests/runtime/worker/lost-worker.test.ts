// A worker thread that dies: its call is answered, its sandboxes are not lost, the next request is
// right. No script can end a worker as far as we know, so the interpreter here is a tiny module
// that can.

import test from 'ava';
import { createEngine } from '../../../runtime/index.ts';
import { wasmOf } from '../../helpers/tiny-interpreter.ts';

test('a trap is INTERNAL_SERVER_ERROR with an id that the log explains', async (t) => {
  const events: { event: string; id: string; cause: string }[] = [];
  const module = { module: await WebAssembly.compile(wasmOf('unreachable')), name: 'tiny' };
  const engine = await createEngine({ workers: 1, module, log: (event) => events.push(event) });
  for (let call = 0; call < 3; call++) {
    const outcome = await engine.evaluate({ sandbox_id: 'x', script: '1' });
    t.is(outcome.status, 'INTERNAL_SERVER_ERROR');
    t.is(outcome.state, 'rolled_back');
    const { id, cause } = events.at(-1) ?? { id: '', cause: '' };
    t.regex(cause, /unreachable/);
    const message = outcome.status === 'OK' ? '' : outcome.message;
    t.true(message.includes(id));
    t.notRegex(message, /unreachable|wasm/);
  }
  await engine.close();
});

test('an interpreter that hands over what is not JSON cannot break an answer', async (t) => {
  const module = { module: await WebAssembly.compile(wasmOf('not-json')), name: 'tiny' };
  const engine = await createEngine({ workers: 1, module });
  const outcome = await engine.evaluate({ script: '1' });
  t.is(outcome.status, 'INTERNAL_SERVER_ERROR');
  await engine.close();
});

test('an interpreter that breaks the ABI ends its own call alone', async (t) => {
  for (const kind of ['exit', 'wild-pointer', 'unknown-status'] as const) {
    const module = { module: await WebAssembly.compile(wasmOf(kind)), name: 'tiny' };
    const engine = await createEngine({ workers: 1, module });
    const outcomes = await Promise.all([1, 2].map(() => engine.evaluate({ script: '1' })));
    t.deepEqual(
      outcomes.map(({ status }) => status),
      ['INTERNAL_SERVER_ERROR', 'INTERNAL_SERVER_ERROR'],
    );
    await engine.close();
  }
});

test('a worker that never comes by is ended and replaced, each time', async (t) => {
  const events: string[] = [];
  const module = { module: await WebAssembly.compile(wasmOf('silent')), name: 'tiny' };
  const log = ({ event }: { event: string }) => events.push(event);
  const engine = await createEngine({ workers: 1, module, log, limits: { timeMsMax: 1 } });
  const outcomes = await Promise.all([1, 2].map(() => engine.evaluate({ script: '1' })));
  t.deepEqual(
    outcomes.map(({ status, state }) => `${status} ${state}`),
    ['OUT_OF_TIME lost', 'OUT_OF_TIME lost'],
  );
  t.deepEqual(events, ['worker_lost', 'worker_lost']);
  await engine.close();
});

test('a silent worker costs the call that it runs, and no sandbox', async (t) => {
  const module = { module: await WebAssembly.compile(wasmOf('silent-if-long')), name: 'tiny' };
  const engine = await createEngine({ workers: 2, module, limits: { timeMsMax: 50 } });
  const call = (sandbox_id: string, script: string) => engine.evaluate({ sandbox_id, script });
  for (const id of ['a', 'b', 'c']) t.is((await call(id, '1')).state, 'kept');
  const [silent, moved, behind, apart] = await Promise.all([
    call('a', 'silent'),
    call('c', '1'),
    call('c', '2'),
    call('b', '1'),
  ]);
  t.is(`${silent.status} ${silent.state}`, 'OUT_OF_TIME rolled_back');
  for (const { status, state } of [moved, behind, apart]) t.is(`${status} ${state}`, 'OK kept');
  const again = await call('a', '1');
  t.is(`${again.state} ${again.usage.sandbox}`, 'kept dormant');
  t.deepEqual(engine.load(), { running: 0, slow: 0, waiting: 0 });
  await engine.close();
});

test('an engine whose workers cannot start says why', async (t) => {
  const module = { module: await WebAssembly.compile(wasmOf('wrong-abi')), name: 'tiny' };
  await t.throwsAsync(createEngine({ workers: 2, module }), { message: /ABI 1 expected, 2 found/ });
});

test('a closed engine refuses, and what waited is refused too', async (t) => {
  const engine = await createEngine({ workers: 1 });
  const running = engine.evaluate({ script: 'for (;;);' });
  const waiting = engine.evaluate({ script: '1' });
  await engine.close();
  await t.throwsAsync(running, { message: /closed/ });
  await t.throwsAsync(waiting, { message: /closed/ });
  await t.throwsAsync(engine.evaluate({ script: '1' }), { message: /closed/ });
});
