// Code of a model: what it is told when it fails, and that a recorded run is repeated exactly.

import test from 'ava';
import { createEngine } from '@paddock-sandbox/paddock';
import { feedbackOf, replay, run } from '../../examples/model-code/run.ts';

const engine = createEngine({ workers: 1 });
test.after.always(async () => (await engine).close());

const luck = 'console.log(Math.random(), Date.now()); [input.n, Math.random()]';

test('a record that went through JSON is repeated exactly, by another engine too', async (t) => {
  const { record, outcome } = await run(await engine, luck, { n: 1 });
  t.is(outcome.status, 'OK');
  t.is(feedbackOf(outcome), undefined);
  const stored = JSON.parse(JSON.stringify(record)) as typeof record;
  t.deepEqual(await replay(await engine, stored), []);
  await using another = await createEngine({ workers: 1 });
  t.deepEqual(await replay(another, stored), []);
});

test('a run that was altered is told by what came out otherwise', async (t) => {
  const { record } = await run(await engine, luck, { n: 1 });
  t.true((await replay(await engine, { ...record, input: { n: 2 } })).includes('said'));
  t.true((await replay(await engine, { ...record, seed: record.seed + 1 })).includes('stdout'));
  t.deepEqual(await replay(await engine, { ...record, fuel: record.fuel + 1 }), ['fuel']);
});

test('a failed run is repeated exactly as well', async (t) => {
  for (const code of ['for (;;);', 'throw new Error(Math.random())', 'syntax error']) {
    const { record } = await run(await engine, code, null);
    t.deepEqual(await replay(await engine, record), [], code);
  }
});

test('feedback has what the model can use', async (t) => {
  const told = async (code: string) => feedbackOf((await run(await engine, code, null)).outcome);
  t.regex((await told('for (;;);')) ?? '', /^OUT_OF_FUEL: .*\n.*endless loop/);
  const bomb = 'const a = []; for (;;) a.push(new Uint8Array(1e6));';
  t.regex((await told(bomb)) ?? '', /^OUT_OF_MEMORY: .*\n.*piece by piece/);
  const thrown = (await told('console.log("here");\nfunction f() { null.x; }\nf();')) ?? '';
  t.regex(thrown, /^RUNTIME_ERROR: TypeError/);
  t.regex(thrown, /\bf\b.*:2:/);
  t.regex(thrown, /It had printed:\nhere/);
});
