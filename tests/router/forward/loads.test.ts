// How many requests a router has under way: bounded for each member and for each caller, and the
// rest are refused at once rather than kept waiting behind somebody's evaluations.

import test from 'ava';
import { routerLimits as limits } from '../../../contract/limits.ts';
import { Loads } from '../../../router/forward/loads.ts';
import { startBetween, startMember } from '../../helpers/between.ts';

test('a caller that takes all it can leaves room for others', (t) => {
  const loads = new Loads();
  for (let call = 0; call < limits.connectionsPerCaller; call++) loads.add('pod', 'greedy');
  t.false(loads.hasRoom('pod', 'greedy'));
  t.true(loads.hasRoom('pod', 'modest'));
  t.true(loads.hasRoom('another pod', 'greedy'));
  t.is(loads.of('pod'), limits.connectionsPerCaller);
  loads.remove('pod', 'greedy');
  t.true(loads.hasRoom('pod', 'greedy'));
});

test('whoever has nothing under way is forgotten once there are many', (t) => {
  const loads = new Loads();
  const names = Array.from({ length: 10 * limits.idleLoadsMax }, (_, index) => `${index}`);
  for (const name of names) loads.add('pod', name);
  for (const name of names) loads.remove('pod', name);
  for (const name of names) {
    loads.add(name, 'caller');
    loads.remove(name, 'caller');
  }
  t.is(loads.of('pod'), 0);
  t.true(loads.hasRoom('pod', '0'));
  t.true(loads.size <= 3 * limits.idleLoadsMax, `${loads.size} counts`);
});

test('a member takes so many and no more, whoever calls', (t) => {
  const loads = new Loads();
  for (let call = 0; call < limits.connectionsPerMember; call++) loads.add('pod', `caller ${call}`);
  t.false(loads.hasRoom('pod', 'another'));
});

test('beyond its share a caller is told at once, and served when a call has ended', async (t) => {
  const answers: (() => void)[] = [];
  const full = Promise.withResolvers<undefined>();
  const member = await startMember((_request, response) => {
    answers.push(() => response.end('{}'));
    if (answers.length === limits.connectionsPerCaller) full.resolve(undefined);
  });
  const { execute, stop } = await startBetween([member]);
  const calls = Array.from({ length: limits.connectionsPerCaller }, () => execute('x'));
  await full.promise;
  for (const id of ['x', null]) {
    const { code, text } = await execute(id);
    t.is(code, 429);
    t.regex(text, /OVERLOADED.*nothing was evaluated/);
  }
  t.is(answers.length, limits.connectionsPerCaller);
  answers.splice(0).forEach((answer) => {
    answer();
  });
  t.true((await Promise.all(calls)).every(({ code }) => code === 200));
  const again = execute('x');
  while (answers.length === 0) await new Promise(setImmediate);
  answers[0]?.();
  t.is((await again).code, 200);
  await stop();
});
