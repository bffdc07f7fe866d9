// Init images: a sandbox made from one cannot be told from one whose init_script ran.

import test from 'ava';
import type { Evaluation } from '../../../contract/request.ts';
import type { Outcome } from '../../../contract/outcome.ts';
import { withEngine } from '../../helpers/engine.ts';

const { engine } = withEngine(test, { workers: 1 });

/** Much work, some output, and a state that later calls see. */
const init_script = `
  const table = []; for (let i = 0; i < 3000; i++) table.push({ i, s: "v" + i });
  console.log("made", table.length); console.error("quietly"); let n = 0;`;

const calls: readonly Evaluation[] = [
  { script: 'table[17].s + table.length' },
  { script: 'table.push(++n); JSON.stringify(table).length' },
  { script: 'Math.random() + Date.now()', seed: 7, now: 1_700_000_000_000 },
  { script: 'null.x' },
  { script: 'for (;;);', limits: { fuel: 250_000_000 } },
  { script: '1', limits: { fuel: 1_000_000 } },
  { script: '1', limits: { memory_bytes: 8 * 1024 * 1024 } },
];

const untimed = ({ usage, ...outcome }: Outcome) => {
  const { fuel, memory_bytes, engine: name, sandbox } = usage;
  return { ...outcome, fuel, memory_bytes, name, sandbox };
};

test('the first, which runs it, and the later ones, which do not, answer alike', async (t) => {
  for (const [index, call] of calls.entries()) {
    const runs = [];
    for (const sandbox_id of ['a', 'b', null]) {
      const id = sandbox_id === null ? null : `${sandbox_id}${index}`;
      const given = { ...call, seed: 3, now: 5, init_script, sandbox_id: id };
      runs.push(untimed(await engine().evaluate(given, `caller ${index}`)));
    }
    const [first, second, oneShot] = runs;
    t.deepEqual(second, first);
    t.deepEqual({ ...oneShot, state: first?.state }, first);
    t.is(first?.sandbox, 'new');
  }
});

test('an init_script that reads the clock or draws numbers is run each time', async (t) => {
  const work = 'for (let i = 0; i < 1e4; i++);';
  const readers = {
    'Date.now()': 'Date.now()',
    'new Date()': 'new Date().getTime()',
    'Math.random()': 'Math.random()',
    Temporal: 'Temporal.Now.instant().epochMilliseconds',
  };
  for (const [name, read] of Object.entries(readers)) {
    const seen = new Set<string>();
    for (const index of [1, 2, 3]) {
      const given = { init_script: `${work} const seen = ${read};`, script: 'seen' };
      const outcome = await engine().evaluate({
        ...given,
        sandbox_id: `${name}${index}`,
        seed: index,
        now: index * 1000,
      });
      t.is(outcome.status, 'OK');
      if (outcome.status === 'OK') seen.add(outcome.result_json);
    }
    t.is(seen.size, 3, name);
  }
});

test('without a seed, sandboxes from one image draw different numbers', async (t) => {
  const drawn = new Set<string>();
  for (let index = 0; index < 5; index++) {
    const outcome = await engine().evaluate({ init_script, script: 'Math.random()' });
    if (outcome.status === 'OK') drawn.add(outcome.result_json);
  }
  t.is(drawn.size, 5);
});
