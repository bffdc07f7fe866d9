// The library as an embedder uses it: a sandbox to hold on to, its copies, its end.

import test from 'ava';
import { createEngine } from '../../../runtime/index.ts';
import { resultOf, withEngine } from '../../helpers/engine.ts';

const { engine } = withEngine(test);

const init_script = 'let n = 0; const seen = []; for (let i = 0; i < 2e3; i++) seen.push({ i });';

test('a sandbox is called many times, with `using` it ends', async (t) => {
  const ended: string[] = [];
  {
    using sandbox = engine().sandbox({ init_script, caller: 'alice' });
    t.is(resultOf(await sandbox.evaluate('++n')), 1);
    t.is(resultOf(await sandbox.evaluate({ script: 'n += input', input: 4 })), 5);
    ended.push(sandbox.id);
  }
  t.false(engine().forget(ended[0] ?? '', 'alice'));
});

test('a snapshot is the sandbox as it was; its copies go their own ways', async (t) => {
  const sandbox = engine().sandbox({ init_script });
  for (let index = 0; index < 10; index++) await sandbox.evaluate('seen.push(++n)');
  const snapshot = sandbox.snapshot();
  await sandbox.evaluate('n = 1000');
  const copies = [engine().restore(snapshot), engine().restore(snapshot, { caller: 'bob' })];
  for (const copy of copies) t.is(resultOf(await copy.evaluate('++n + seen.length')), 2021);
  t.is(resultOf(await sandbox.evaluate('n')), 1000);
});

test('another engine makes the same sandbox from it, at the same fuel', async (t) => {
  const sandbox = engine().sandbox({ init_script });
  await sandbox.evaluate('n = seen.push("x")');
  const snapshot = sandbox.snapshot();
  const call = { script: 'Math.random() + n', seed: 3, now: 4 };
  const here = await sandbox.evaluate(call);
  const other = await createEngine({ workers: 1 });
  const there = await other.restore(snapshot).evaluate(call);
  await other.close();
  t.is(resultOf(there), resultOf(here));
  t.is(there.usage.fuel, here.usage.fuel);
});

test('bytes that are no snapshot, or of others, are refused', async (t) => {
  const sandbox = engine().sandbox({ init_script });
  t.throws(() => sandbox.snapshot(), { message: /never called/ });
  await sandbox.evaluate('1');
  const snapshot = sandbox.snapshot();
  for (let at = 0; at < snapshot.length; at += Math.ceil(snapshot.length / 50)) {
    const damaged = snapshot.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    t.throws(() => engine().restore(damaged), { instanceOf: TypeError });
  }
  t.throws(() => engine().restore(new Uint8Array()), { instanceOf: TypeError });
  for (const none of ['text', null, new ArrayBuffer(9)] as unknown as Uint8Array[]) {
    t.throws(() => engine().restore(none), { message: /expected a Uint8Array, got/ });
  }
  const other = await createEngine({ workers: 1, host: { lookup: () => 1 } });
  t.throws(() => other.restore(snapshot), { message: /expected one of .*lookup/ });
  await other.close();
});

test('a stopped call leaves the handle as it was, an abort too', async (t) => {
  const sandbox = engine().sandbox({ init_script });
  await sandbox.evaluate('n = 7');
  t.is(
    (await sandbox.evaluate({ script: 'n = 8; for (;;);', limits: { fuel: 1e8 } })).state,
    'rolled_back',
  );
  await t.throwsAsync(sandbox.evaluate('n = 9; for (;;);', AbortSignal.timeout(100)));
  t.is(resultOf(await sandbox.evaluate('n')), 7);
  sandbox.end();
  t.is(resultOf(await sandbox.evaluate('n')), 0);
});

test('there is no snapshot of what is not made yet, nor under another init_script', async (t) => {
  const sandbox = engine().sandbox({ init_script });
  const first = sandbox.evaluate('++n');
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  t.is(engine().load().running, 1);
  t.throws(() => sandbox.snapshot(), { message: /there is no sandbox/ });
  await first;
  const other = engine().sandbox({ id: sandbox.id, init_script: 'let n = -1' });
  t.throws(() => other.snapshot(), { message: /there is no sandbox/ });
  t.is(resultOf(await engine().restore(sandbox.snapshot()).evaluate('n')), 1);
});

test('an id that no call could name is refused, and ends no sandbox of another', async (t) => {
  const five = engine().sandbox({ id: '5' });
  await five.evaluate('var n = 1');
  const bytes = five.snapshot();
  await five.evaluate('n = 2');
  for (const id of [5, null, '', 'x'.repeat(257), '\ud800', {}]) {
    const options = { id: id as string };
    t.throws(() => engine().sandbox(options), { message: /^id: expected a well-formed string/ });
    t.throws(() => engine().restore(bytes, options), { message: /^id: / });
  }
  t.is(resultOf(await five.evaluate('n')), 2);
});
