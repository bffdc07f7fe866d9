// Two operators as processes of their own, one lease: whoever is killed or told to end, the other
// goes on.

import test from 'ava';
import { Operators } from '../helpers/operators.ts';

let operators: Operators;

test.before(async () => {
  operators = await Operators.open();
});

test.after.always(() => operators.stop());

test.serial('killed five times: the other takes over when the lease has lapsed', async (t) => {
  let leader = await operators.only();
  for (const name of ['second', 'third', 'fourth', 'fifth', 'sixth']) {
    const next = await operators.start(name);
    await operators.isWarm(next);
    await operators.kill(leader, 'SIGKILL');
    const since = performance.now();
    await operators.leads(next);
    t.log(`SIGKILL: ${Math.round(performance.now() - since)} ms`);
    await operators.works(name);
    t.is(await operators.holder(), name);
    leader = next;
  }
});

test.serial('told to end: it gives the lease back and ends with 0', async (t) => {
  const leader = await operators.only();
  const next = await operators.start('seventh');
  await operators.isWarm(next);
  const since = performance.now();
  t.is(await operators.kill(leader, 'SIGTERM'), 0);
  await operators.leads(next);
  t.log(`SIGTERM: ${Math.round(performance.now() - since)} ms`);
  await operators.works('seventh');
});
