// Waits grow, end at their cap, and are spread by luck.

import test from 'ava';
import fc from 'fast-check';
import { ceilingOf, jittered } from '../../kubernetes/backoff.ts';

const backoff = { msMin: 5, msMax: 1_000_000 };

test('the longest wait doubles up to its cap', (t) => {
  t.deepEqual(
    [1, 2, 3, 4].map((failures) => ceilingOf(backoff, failures)),
    [5, 10, 20, 40],
  );
  t.is(ceilingOf(backoff, 1000), backoff.msMax);
});

test('a wait is never below the shortest nor above the longest', (t) => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), chance, (failures, luck) => {
      const ms = jittered(backoff, failures, luck);
      t.true(ms >= backoff.msMin && ms <= ceilingOf(backoff, failures));
    }),
  );
});
