// OUT_OF_TIME: the wall-clock watchdog behind fuel, and what the next call finds.

import test from 'ava';
import { createEngine } from '../../../runtime/index.ts';
import { resultOf, withEngine } from '../../helpers/engine.ts';

const { evaluate } = withEngine(test, {
  limits: { timeMsMax: 200, fuelMax: Number.MAX_SAFE_INTEGER },
});

test('a script with fuel for years is stopped by the clock, its output kept', async (t) => {
  const sandbox_id = 'late';
  t.is(resultOf(await evaluate({ sandbox_id, script: 'var n = 1; n' })), 1);
  const late = await evaluate({ sandbox_id, script: 'n = 2; console.log("begun"); for (;;);' });
  t.is(late.status, 'OUT_OF_TIME');
  t.regex(late.status === 'OUT_OF_TIME' ? late.message : '', /200 ms/);
  t.is(late.stdout, 'begun\n');
  t.is(late.state, 'rolled_back');
  t.is(resultOf(await evaluate({ sandbox_id, script: 'n' })), 1);
});

test('INIT and SCRIPT share the time of a call', async (t) => {
  const late = await evaluate({ init_script: 'for (;;);', script: '1' });
  t.is(late.status === 'OUT_OF_TIME' && late.stage, 'INIT');
});

test('a call whose host is late is told what it used, not what others did', async (t) => {
  const never = () => new Promise(() => undefined);
  await using engine = await createEngine({
    ...{ workers: 1, limits: { timeMsMax: 1_000 }, host: { never } },
  });
  const init_script = 'for (let i = 0; i < 1e4; i++);';
  const waits = { init_script, script: 'host.never()', seed: 1, now: 1 };
  const alone = await engine.evaluate(waits, 'alice');
  const waiting = engine.evaluate(waits, 'alice');
  while (engine.load().waiting > 0) await new Promise(setImmediate);
  const busy = engine.evaluate({ script: 'for (;;);' }, 'bob');
  const beside = await waiting;
  await busy;
  t.is(`${alone.status} ${beside.status}`, 'OUT_OF_TIME OUT_OF_TIME');
  t.is(beside.usage.fuel, alone.usage.fuel);
  t.true(alone.usage.fuel > 0 && alone.usage.memory_bytes > 0);
  const inInit = await engine.evaluate({ init_script: 'host.never()', script: '1' });
  t.is(inInit.status !== 'OK' && inInit.stage, 'INIT');
});
