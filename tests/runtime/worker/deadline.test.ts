// OUT_OF_TIME: the wall-clock watchdog behind fuel, and what the next call finds.

import test from 'ava';
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
