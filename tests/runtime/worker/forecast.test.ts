// What a call is expected to be like: by its script, else its sandbox, else its caller.

import test from 'ava';
import { evaluationLimits, poolLimits } from '../../../contract/limits.ts';
import { createDirectory } from '../../../runtime/worker/directory.ts';
import { createForecast } from '../../../runtime/worker/forecast.ts';
import type { Job } from '../../../runtime/worker/queue.ts';
import { newPast, type Resident } from '../../../runtime/worker/resident.ts';

const { longFuel, slowAfterMs, trialFuel } = poolLimits;

const jobOf = (caller: string, script: string): Job => ({
  ...{ caller, sandbox_id: null, key: null, initDigest: '', since: 0 },
  task: { init_script: '', script, seed: 0n, now: 0, limits: evaluationLimits },
  ...{ resolve: () => undefined, reject: () => undefined },
});

const residentOf = (fuelMean: number | undefined): Resident => {
  const limits = { sandboxesMax: 1, sandboxesBytesMax: 1, sandboxIdleMs: 1 };
  return { ...createDirectory(limits, 1).enter('k', '', newPast()), fuelMean };
};

test('a script counts before a sandbox, and that before its caller', (t) => {
  const forecast = createForecast();
  t.is(forecast.fuelOf(jobOf('a', 'f()'), undefined), 0);
  for (let call = 0; call < 40; call++) forecast.ended(jobOf('a', 'f()'), 1, longFuel);
  t.is(forecast.fuelOf(jobOf('a', 'f()'), residentOf(7)), longFuel);
  t.is(forecast.fuelOf(jobOf('a', 'g()'), residentOf(7)), 7);
  t.is(Math.round(forecast.fuelOf(jobOf('a', 'g()'), residentOf(undefined)) / 1e6), longFuel / 1e6);
  t.is(forecast.fuelOf(jobOf('b', 'f()'), undefined), 0);
});

test('a script is too long for a trial, a caller is slow', (t) => {
  const forecast = createForecast();
  for (let call = 0; call < 8; call++) forecast.ended(jobOf('a', 'f()'), slowAfterMs, trialFuel);
  t.true(forecast.isTooLong(jobOf('a', 'f()')));
  t.false(forecast.isTooLong(jobOf('a', 'g()')));
  t.deepEqual([forecast.isSlow('a'), forecast.isSlow('b')], [true, false]);
});
