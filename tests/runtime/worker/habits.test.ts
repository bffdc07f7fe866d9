// Whose calls count as slow from their beginning.

import test from 'ava';
import { poolLimits } from '../../../contract/limits.ts';
import { createHabits } from '../../../runtime/worker/habits.ts';

const { slowAfterMs, habitsMax, habitShareMin, quantumFuel } = poolLimits;
const brief = slowAfterMs / 2;

test('who has had nothing but slow calls is known for it, after a few', (t) => {
  const habits = createHabits();
  habits.ended('x', slowAfterMs, 0);
  t.false(habits.isSlow('x'), 'one may be a chance');
  for (let i = 0; i < 5; i++) habits.ended('x', slowAfterMs, 0);
  t.true(habits.isSlow('x'));
  t.false(habits.isSlow('y'));
});

test('brief calls make up for it, and who has one slow call in three is not known for it', (t) => {
  const habits = createHabits();
  for (let i = 0; i < 20; i++) habits.ended('x', slowAfterMs * 100, 0);
  for (let i = 0; i < 3; i++) habits.ended('x', brief, 0);
  t.false(habits.isSlow('x'));
  for (let i = 0; i < 60; i++) {
    habits.ended('x', i % 3 === 0 ? slowAfterMs : brief, 0);
    t.false(habits.isSlow('x'));
  }
});

test('of many slow callers those of long ago are forgotten', (t) => {
  const habits = createHabits();
  for (let i = 0; i <= habitsMax; i++) {
    for (let call = 0; call < 6; call++) habits.ended(`caller ${i}`, slowAfterMs, 0);
  }
  t.false(habits.isSlow('caller 0'));
  t.true(habits.isSlow('caller 1'));
  t.true(habits.isSlow(`caller ${habitsMax}`));
});

test('the fuel of a caller is a mean that follows what his calls have come to be', (t) => {
  const habits = createHabits();
  for (let i = 0; i < 40; i++) habits.ended('x', brief, 1e9);
  t.is(Math.round(habits.fuelOf('x') / 1e6), 1000);
  t.is(habits.fuelOf('y'), 0);
  habits.ended('x', brief, 0);
  t.true(habits.fuelOf('x') > 0.5e9, 'one small one does not make him small');
  for (let i = 0; i < 40; i++) habits.ended('x', brief, 0);
  t.is(habits.fuelOf('x'), 0);
});

test('nothing is remembered of callers whose calls are all small', (t) => {
  const habits = createHabits();
  for (let i = 0; i < 40; i++) habits.ended('x', brief, quantumFuel * habitShareMin * 0.9);
  t.is(habits.fuelOf('x'), 0);
  for (let i = 0; i < 40; i++) habits.ended('x', brief, quantumFuel);
  t.true(habits.fuelOf('x') > 0);
});
