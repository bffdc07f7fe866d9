// Roll-back: a call that is stopped leaves no trace, and everything before it stays, however far
// back the last checkpoint lies.

import test from 'ava';
import fc from 'fast-check';
import { journalLimits } from '../../../contract/limits.ts';
import { createEngine } from '../../../runtime/index.ts';
import type { Evaluation } from '../../../contract/request.ts';
import { resultOf, withEngine } from '../../helpers/engine.ts';

const { evaluate, engine } = withEngine(test, { workers: 2 });

const init_script = 'let n = 0; const seen = []; console.log("init");';
const limits = { fuel: 100_000_000 };

/** Calls that are stopped, each after it has changed what it could. */
const stopped: Readonly<Record<string, Omit<Evaluation, 'sandbox_id'>>> = {
  OUT_OF_FUEL: { script: 'n = 1e6; seen.length = 0; for (;;);', limits },
  OUT_OF_MEMORY: {
    script: 'n = 1e6; for (;;) seen.push(new Uint8Array(1e6));',
    limits: { memory_bytes: 12 * 1024 * 1024 },
  },
};

test('whatever is stopped in whatever order: the sandbox counts on', async (t) => {
  let id = 0;
  const calls = fc.array(fc.constantFrom('count', 'throw', ...Object.keys(stopped)), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(calls, async (sequence) => {
      const sandbox_id = `s${(id += 1)}`;
      let expected = 0;
      for (const [index, kind] of sequence.entries()) {
        const counts =
          kind === 'throw' ? 'seen.push(++n); throw new Error("x")' : '++n; seen.push(n); n';
        const call = stopped[kind] ?? { script: counts };
        const outcome = await evaluate({ sandbox_id, init_script, ...call });
        if (kind in stopped) {
          t.is(`${outcome.status} ${outcome.state}`, `${kind} rolled_back`);
        } else {
          expected += 1;
          t.is(outcome.state, 'kept');
        }
        t.is(outcome.stdout, index === 0 ? 'init\n' : '');
      }
      const last = await evaluate({ sandbox_id, init_script, script: '[n, ...seen].join()' });
      const numbers = [expected, ...Array.from({ length: expected }, (_, index) => index + 1)];
      t.is(last.status === 'OK' && last.result_json, `"${numbers.join()}"`);
    }),
    { numRuns: 8 },
  );
});

test('far more calls than a journal holds, then a stop: nothing is lost', async (t) => {
  const call = (script: string) => evaluate({ sandbox_id: 'long', init_script, script, limits });
  const calls = 3 * journalLimits.entriesMax + 7;
  for (let index = 0; index < calls; index++) await call('++n');
  t.is((await call('n = 0; for (;;);')).state, 'rolled_back');
  const after = await call('++n');
  t.is(after.status === 'OK' && after.result_json, String(calls + 1));
  t.is(after.usage.sandbox, 'dormant');
});

test('a call of much fuel is in a checkpoint, not run again', async (t) => {
  const call = (script: string) => evaluate({ sandbox_id: 'heavy', init_script, script });
  const heavy = await call('for (let i = 0; i < 2e5; i++) n += 1; n');
  t.true(heavy.usage.fuel > journalLimits.fuelMax);
  const stop = { sandbox_id: 'heavy', init_script, script: 'for (;;);', limits };
  t.is((await evaluate(stop)).state, 'rolled_back');
  const after = await call('n');
  t.is(after.status === 'OK' && after.result_json, '200000');
});

test('what took long to run again is run again once, not at each stop', async (t) => {
  const call = (script: string, fuel = 1e9) =>
    evaluate({ sandbox_id: 'again', init_script, script, limits: { fuel } });
  const work = 'for (let i = 0; i < 2e4; i++) n += 1; n';
  for (let index = 0; index < 3; index++) await call(work);
  const entries = [];
  for (let index = 0; index < 4; index++) {
    const { usage, state } = await call('1', 1);
    t.is(state, 'rolled_back');
    if (index > 0) t.is(usage.sandbox, 'dormant');
    entries.push(usage.restore_us);
  }
  t.log(`restored in ${entries.join(', ')} us`);
  const after = await call('n');
  t.is(after.status === 'OK' && after.result_json, '60000');
});

test('a new sandbox whose script is stopped is what init_script made it', async (t) => {
  const call = (script: string) => evaluate({ sandbox_id: 'new', init_script, script, limits });
  t.is((await call('n = 5; for (;;);')).state, 'rolled_back');
  const next = await call('++n');
  t.is(next.status === 'OK' && next.result_json, '1');
  t.is(next.stdout, '', 'init_script has run');
});

test('random numbers and time of journaled calls come again', async (t) => {
  const drawing = 'const draws = [];';
  const call = (script: string) =>
    evaluate({ sandbox_id: 'random', init_script: drawing, script, limits });
  for (let index = 0; index < 5; index++) await call('draws.push(Math.random() + Date.now())');
  const before = await call('draws.join()');
  t.is((await call('draws.length = 0; for (;;);')).state, 'rolled_back');
  const after = await call('draws.join()');
  t.true(before.status === 'OK' && after.status === 'OK');
  t.is(after.status === 'OK' && after.result_json, before.status === 'OK' && before.result_json);
});

test('an abort stops the call, rolls back, and rejects with its reason', async (t) => {
  const one = { sandbox_id: 'abort', init_script };
  await evaluate({ ...one, script: '++n' });
  const controller = new AbortController();
  const running = engine().evaluate({ ...one, script: 'n = 9; for (;;);' }, '', controller.signal);
  while (engine().load().running === 0) await new Promise(setImmediate);
  const reason = new Error('enough');
  controller.abort(reason);
  t.is(await t.throwsAsync(running), reason);
  const after = await evaluate({ ...one, script: '++n' });
  t.is(after.status === 'OK' && after.result_json, '2');
  const late = engine().evaluate({ script: '1' }, '', AbortSignal.abort(reason));
  t.is(await t.throwsAsync(late), reason);
});

test('an abort undoes a call whose end nobody has heard of yet', async (t) => {
  await using own = await createEngine({ workers: 2 });
  const call = (sandbox_id: string, script: string, signal?: AbortSignal) =>
    own.evaluate({ sandbox_id, init_script, script }, '', signal);
  await call('old', '++n');
  const gone = new AbortController();
  const calling = ['old', 'new'].map((id) => call(id, '++n', gone.signal));
  // The workers come to their ends while this thread hears nothing.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  gone.abort();
  for (const one of calling) await t.throwsAsync(one, { name: 'AbortError' });
  const [old, fresh] = [await call('old', 'n'), await call('new', 'n')];
  t.deepEqual([resultOf(old), resultOf(fresh)], [1, 0]);
  t.deepEqual([old.usage.sandbox, fresh.usage.sandbox], ['dormant', 'new']);
});

test('a sandbox that is ended is gone, also while it runs', async (t) => {
  const own = await createEngine({ workers: 1 });
  const { evaluate, forget } = own;
  const one = { sandbox_id: 'ended', init_script };
  t.false(forget('ended'));
  await evaluate({ ...one, script: '++n' });
  t.true(forget('ended'));
  const fresh = await evaluate({ ...one, script: '++n' });
  t.is(`${fresh.status === 'OK' && fresh.result_json} ${fresh.usage.sandbox}`, '1 new');
  const running = evaluate({ ...one, script: 'for (let i = 0; i < 1e5; i++); ++n' });
  t.true(forget('ended'));
  const next = evaluate({ ...one, script: '++n' });
  t.is((await running).status, 'OK');
  const outcome = await next;
  t.is(outcome.status === 'OK' && outcome.result_json, '1');
  await own.close();
});

test('a caller ends his own sandboxes alone', async (t) => {
  await engine().evaluate({ sandbox_id: 'mine', init_script, script: '++n' }, 'alice');
  t.false(engine().forget('mine', 'bob'));
  t.true(engine().forget('mine', 'alice'));
});

test('sandboxes that no memory is left for are forgotten, oldest first', async (t) => {
  const small = await createEngine({ workers: 1, sandboxes: { sandboxesMax: 20 } });
  const call = (index: number) =>
    small.evaluate({ sandbox_id: `s${index}`, init_script: 'let n = 0', script: '++n' });
  for (let index = 0; index < 30; index++) await call(index);
  t.is(small.kept().sandboxes, 20);
  t.is((await call(29)).usage.sandbox, 'live');
  t.is((await call(0)).usage.sandbox, 'new');
  await small.close();
});
