// Two workers: slow scripts do not delay others while a core is free, and order holds within a
// sandbox.

import test from 'ava';
import { poolLimits } from '../../../contract/limits.ts';
import { createEngine } from '../../../runtime/index.ts';
import { resultOf, withEngine } from '../../helpers/engine.ts';

const { evaluate, engine } = withEngine(test, { workers: 2, sandboxes: { sandboxesMax: 150 } });
const slow = 'for (let i = 0; i < 3e6; i++); typeof v === "string" ? v : "slow"';

test.serial(
  'a slow script on one worker: other sandboxes of that worker answer first',
  async (t) => {
    const ids = Array.from({ length: 8 }, (_, index) => `s${index}`);
    for (const id of ids) await evaluate({ sandbox_id: id, script: `var v = "${id}"` });
    const order: string[] = [];
    const first = evaluate({ sandbox_id: 's0', script: slow }).then((outcome) => {
      order.push(String(resultOf(outcome)));
    });
    const others = ids.slice(1).map(async (sandbox_id) => {
      order.push(String(resultOf(await evaluate({ sandbox_id, script: 'v' }))));
    });
    await Promise.all([first, ...others]);
    t.is(order.at(-1), 's0');
    t.deepEqual(order.slice(0, -1).toSorted(), ids.slice(1));
  },
);

test.serial('a call that runs alone turns slow, and then gives way to nobody', async (t) => {
  const running = evaluate({ sandbox_id: 'alone', script: slow });
  let seen = engine().load();
  // It waits while its worker still makes checkpoints of what the test before has left.
  while (seen.running + seen.waiting > 0 && seen.slow === 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    seen = engine().load();
  }
  t.deepEqual(seen, { running: 1, slow: 1, waiting: 0 });
  t.is(resultOf(await running), 'slow');
});

test.serial('who has only slow calls has them count as slow at once, others not', async (t) => {
  for (let i = 0; i < 5; i++) await evaluate({ script: slow }, 'endless');
  const running = [evaluate({ script: slow }, 'endless'), evaluate({ script: '1' }, 'brief')];
  t.deepEqual(engine().load(), { running: 2, slow: 1, waiting: 0 });
  t.deepEqual((await Promise.all(running)).map(resultOf), ['slow', 1]);
});

test.serial('the spare worker starts once slow calls hold all, before another comes', async (t) => {
  const other = await createEngine({ workers: 1 });
  let started = 0;
  const count = (): void => void (started += 1);
  process.on('worker', count);
  await other.evaluate({ script: slow });
  t.is(started, 0, 'nobody waits');
  await Promise.all([0, 1].map(() => other.evaluate({ script: slow })));
  t.is(started, poolLimits.spareWorkers);
  process.off('worker', count);
  await other.close();
});

test.serial('a sandbox that moved keeps its state, there and back', async (t) => {
  const sandbox_id = 'mover';
  const init_script = 'let n = 0; const seen = new Map();';
  const count = 'seen.set(n, n); ++n';
  for (let round = 1; round <= 4; round++) {
    const blockers = [evaluate({ sandbox_id: `b${round % 2}`, script: slow })];
    t.is(resultOf(await evaluate({ sandbox_id, init_script, script: count })), round);
    await Promise.all(blockers);
  }
  const size = await evaluate({ sandbox_id, init_script, script: 'seen.size' });
  t.is(resultOf(size), 4);
});

test.serial('calls of one sandbox are evaluated in order of arrival', async (t) => {
  const script = 'var n = (globalThis.n ?? 0) + 1; n';
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () => evaluate({ sandbox_id: 'order', script })),
  );
  t.deepEqual(
    outcomes.map(resultOf),
    Array.from({ length: 50 }, (_, index) => index + 1),
  );
});

test.serial(
  'beyond the bound the least recently used sandboxes start anew, the others stay',
  async (t) => {
    const init_script = 'let n = 0;';
    const call = async (index: number) =>
      resultOf(await evaluate({ sandbox_id: `lru${index}`, init_script, script: '++n' }));
    const many = 160;
    for (let index = 0; index < many; index++) await call(index);
    t.is(await call(many - 1), 2);
    t.is(await call(0), 1);
  },
);

test.serial('a queue that is full refuses, and what is in it is answered', async (t) => {
  const calls = Array.from({ length: poolLimits.queuePerCallerMax + 50 }, () =>
    evaluate({ script: '1' }).then(
      ({ status }) => status,
      (error: unknown) => (error as { status?: string }).status,
    ),
  );
  const answers = await Promise.all(calls);
  t.is(answers.filter((status) => status === 'OVERLOADED').length, 48);
  t.is(answers.filter((status) => status === 'OK').length, poolLimits.queuePerCallerMax + 2);
  t.deepEqual(engine().load(), { running: 0, slow: 0, waiting: 0 });
});
