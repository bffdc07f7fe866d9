// createShare: how busy a worker has been of late.

import test from 'ava';
import fc from 'fast-check';
import { poolLimits } from '../../../contract/limits.ts';
import { createShare } from '../../../runtime/worker/share.ts';

const { shareMs } = poolLimits;

test('a worker that is always busy comes to 1, one that is idle falls to 0', (t) => {
  const share = createShare();
  t.is(share.at(1_000), 0);
  share.set(1, 1_000);
  t.is(share.at(1_000), 0);
  t.true(share.at(1_000 + shareMs) > 0.6);
  t.true(share.at(1_000 + 10 * shareMs) > 0.999);
  share.set(0, 1_000 + 10 * shareMs);
  t.true(share.at(1_000 + 20 * shareMs) < 0.001);
});

test('half of the time is about a half', (t) => {
  const share = createShare();
  for (let now = 0; now < 20 * shareMs; now += 2) {
    share.set(1, now);
    share.set(0, now + 1);
  }
  t.true(Math.abs(share.at(20 * shareMs) - 0.5) < 0.01);
});

test('what is expected counts until it is seen, within 0 and 1', (t) => {
  const share = createShare();
  share.shift(0.25);
  t.is(share.at(0), 0.25);
  t.true(share.at(shareMs) < 0.25);
  share.shift(-1);
  t.is(share.at(0), 0);
  share.shift(2);
  t.is(share.at(0), 1);
});

test('it is never less than 0 nor more than 1', (t) => {
  const step = fc.record({
    after: fc.nat(1_000),
    busy: fc.constantFrom<0 | 1>(0, 1),
    by: fc.double({ min: -1, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const share = createShare();
      let now = 0;
      for (const { after, busy, by } of steps) {
        share.set(busy, (now += after));
        share.shift(by);
        const at = share.at(now + after);
        if (at < 0 || at > 1) return false;
      }
      return true;
    }),
  );
  t.pass();
});
