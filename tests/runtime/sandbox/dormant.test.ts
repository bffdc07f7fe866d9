// Dormant sandboxes: many more than a worker keeps live, each where its caller left it, and what
// they do is what one that was never laid by would do.

import test from 'ava';
import type { Outcome } from '../../../contract/outcome.ts';
import { createEngine, type Engine } from '../../../runtime/index.ts';

const count = 400;

const untimed = ({ usage, ...outcome }: Outcome) => ({
  ...outcome,
  fuel: usage.fuel,
  memory_bytes: usage.memory_bytes,
});

const work = (round: number): string =>
  round % 3 === 0
    ? 'list.push({ round: list.length, text: "x".repeat(list.length) }); list.length'
    : round % 3 === 1
      ? 'for (let i = 0; i < 2e3; i++) map.set("k" + (i % 50), Math.random()); map.size'
      : 'list.length + [...map.values()].reduce((a, b) => a + b, 0)';

const call = (engine: Engine, id: number, round: number) =>
  engine.evaluate({
    sandbox_id: `s${id}`,
    init_script: 'const list = []; const map = new Map();',
    script: work(round),
    ...{ seed: 1000 * id + round, now: round },
  });

test('hundreds in turn, through one worker: each answer as if nothing else had run', async (t) => {
  const engine = await createEngine({ workers: 1 });
  const kinds: Record<string, number> = {};
  const answers: unknown[] = [];
  for (let round = 0; round < 5; round++) {
    for (let id = 0; id < count; id++) {
      const outcome = await call(engine, id, round);
      kinds[outcome.usage.sandbox] = (kinds[outcome.usage.sandbox] ?? 0) + 1;
      if (id % 40 === 0) answers.push(untimed(outcome));
    }
  }
  t.deepEqual(kinds, { new: count, dormant: 4 * count });
  t.is(engine.kept().sandboxes, count);
  await engine.close();

  const alone = await createEngine({ workers: 1 });
  const expected: unknown[] = [];
  for (let round = 0; round < 5; round++) {
    for (let id = 0; id < count; id += 40) {
      expected.push(untimed(await call(alone, id, round)));
    }
  }
  await alone.close();
  t.deepEqual(answers, expected);
});

test('two workers and callers at once: counters never skip or repeat', async (t) => {
  const engine = await createEngine({ workers: 2 });
  const next = async (id: number): Promise<void> => {
    for (let expected = 1; expected <= 4; expected++) {
      const outcome = await engine.evaluate({
        sandbox_id: `c${id}`,
        init_script: 'let n = 0',
        script: '++n',
      });
      t.is(outcome.status === 'OK' && outcome.result_json, String(expected));
    }
  };
  const ids = Array.from({ length: count }, (_, id) => id);
  for (let start = 0; start < count; start += 100) {
    await Promise.all(ids.slice(start, start + 100).map(next));
  }
  await engine.close();
});

test('what calls leave does not add up: not in memory, and not in what is kept', async (t) => {
  const engine = await createEngine({ workers: 0 });
  const script = 'last = { text: "x".repeat(2000), before: [] }; 1';
  const fuels: number[] = [];
  const bytes: number[] = [];
  for (let round = 0; round < 600; round++) {
    const request = { sandbox_id: 'a', init_script: 'let last;', script, seed: 1, now: 0 };
    const { usage } = await engine.evaluate(request);
    fuels.push(usage.fuel);
    bytes.push(usage.memory_bytes);
  }
  const collected = fuels.filter((fuel) => fuel > 4 * (fuels[1] ?? 0));
  t.true(collected.length > 5, 'calls that ended with a collection');
  t.is(bytes.at(-1), bytes[200]);
  await engine.close();
});
