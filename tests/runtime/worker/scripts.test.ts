// What is known of scripts: which of them use much fuel, by caller.

import test from 'ava';
import { poolLimits } from '../../../contract/limits.ts';
import { createScripts } from '../../../runtime/worker/scripts.ts';

const { longFuel, trialFuel, habitsMax, scriptHeadChars, scriptTailChars } = poolLimits;

const call = (script: string, caller = 'x', initDigest = '') => ({
  ...{ caller, initDigest },
  task: { script },
});

test('a script that used much is expected to use as much again, of the same caller alone', (t) => {
  const scripts = createScripts();
  t.is(scripts.fuelOf(call('f()')), undefined);
  scripts.ended(call('f()'), longFuel);
  t.is(scripts.fuelOf(call('f()')), longFuel);
  t.is(scripts.fuelOf(call('g()')), undefined);
  t.is(scripts.fuelOf(call('f()', 'y')), undefined);
  t.is(scripts.fuelOf(call('f()', 'x', 'another init_script')), undefined);
});

test('short calls are not remembered, and make up for long ones', (t) => {
  const scripts = createScripts();
  scripts.ended(call('f()'), longFuel - 1);
  t.is(scripts.fuelOf(call('f()')), undefined);
  scripts.ended(call('f()'), 3 * longFuel);
  scripts.ended(call('f()'), 0);
  const mean = scripts.fuelOf(call('f()')) ?? 0;
  t.true(mean > longFuel && mean < 3 * longFuel);
  for (let i = 0; i < 12; i++) scripts.ended(call('f()'), 0);
  t.is(scripts.fuelOf(call('f()')), undefined);
});

test('three short calls make up for a long one, however long it was', (t) => {
  const scripts = createScripts();
  scripts.ended(call('f()'), 1000 * trialFuel);
  t.true((scripts.fuelOf(call('f()')) ?? 0) >= trialFuel);
  for (let i = 0; i < 3; i++) scripts.ended(call('f()'), 0);
  t.true((scripts.fuelOf(call('f()')) ?? 0) < trialFuel);
});

test('a caller and a script that run together are told apart', (t) => {
  const scripts = createScripts();
  scripts.ended(call('1 b', 'a'), longFuel);
  t.is(scripts.fuelOf(call('b', 'a 1')), undefined);
  t.is(scripts.fuelOf(call(' 1 b', 'a')), undefined);
});

test('long texts are told by their length, beginning and end', (t) => {
  const scripts = createScripts();
  const middle = 'm'.repeat(10 * scriptHeadChars);
  const text = (head: string, tail: string, more = middle) =>
    call(head.repeat(scriptHeadChars) + more + tail.repeat(scriptTailChars));
  scripts.ended(text('a', 'z'), longFuel);
  t.is(scripts.fuelOf(text('a', 'z')), longFuel);
  for (const other of [text('b', 'z'), text('a', 'y'), text('a', 'z', `${middle}m`)]) {
    t.is(scripts.fuelOf(other), undefined);
  }
});

test('of many scripts those of long ago are forgotten', (t) => {
  const scripts = createScripts();
  for (let i = 0; i <= habitsMax; i++) scripts.ended(call(`f(${i})`), longFuel);
  t.is(scripts.fuelOf(call('f(0)')), undefined);
  t.is(scripts.fuelOf(call('f(1)')), longFuel);
  t.is(scripts.fuelOf(call(`f(${habitsMax})`)), longFuel);
});
