// What quantities and durations amount to.

import test from 'ava';
import fc from 'fast-check';
import {
  amountOf,
  bytesPattern,
  durationPattern,
  millisecondsOf,
  quantityPattern,
} from '../../../contract/pool/quantity.ts';

const amounts: Readonly<Record<string, number>> = {
  '250m': 0.25,
  '2': 2,
  '1.5Gi': 1.5 * 2 ** 30,
  '64Mi': 64 * 2 ** 20,
  '1k': 1000,
};

for (const [text, amount] of Object.entries(amounts)) {
  test(`${text} is ${amount}`, (t) => {
    t.is(amountOf(text), amount);
  });
}

test('durations in milliseconds', (t) => {
  t.deepEqual(['500ms', '30s', '5m', '2h'].map(millisecondsOf), [500, 30_000, 300_000, 7_200_000]);
});

test('whatever a pattern takes amounts to something', (t) => {
  const matching = (pattern: string) => fc.stringMatching(new RegExp(pattern));
  fc.assert(
    fc.property(
      matching(bytesPattern),
      matching(quantityPattern),
      matching(durationPattern),
      (bytes, quantity, duration) => {
        t.true(Number.isInteger(amountOf(bytes)) && amountOf(bytes) > 0);
        t.true(amountOf(quantity) >= 0);
        t.true(Number.isInteger(millisecondsOf(duration)) && millisecondsOf(duration) > 0);
      },
    ),
  );
});

test('a text that is none amounts to nothing', (t) => {
  for (const text of ['', 'x', '1Xi', '1.2.3', 'Mi']) t.true(Number.isNaN(amountOf(text)), text);
  t.true(Number.isNaN(millisecondsOf('5 minutes')));
});
