// When a slow call sleeps at its quantum, and on what.

import test from 'ava';
import { poolLimits } from '../../../contract/limits.ts';
import { createGiveWay } from '../../../runtime/worker/give-way.ts';
import { traffic as words } from '../../../runtime/worker/protocol.ts';
import { createTraffic } from '../../../runtime/worker/traffic.ts';

const { breathMs, comingMs, yieldMs } = poolLimits;

const watched = (cores: number) => {
  const traffic = createTraffic(cores);
  const clock = { ms: 0, wokenAfterMs: Infinity };
  const slept: (readonly [word: number, ms: number])[] = [];
  const giveWay = createGiveWay({
    counts: new Int32Array(traffic.words),
    now: () => clock.ms,
    sleep(word, _value, ms) {
      slept.push([word, ms]);
      clock.ms += Math.min(ms, clock.wokenAfterMs);
    },
  });
  return { traffic, clock, giveWay, slept: () => slept.splice(0) };
};

test('it leaves its core for a moment while calls keep coming, and then no more', (t) => {
  const { traffic, clock, giveWay, slept } = watched(2);
  traffic.begin(false);
  traffic.begin(false);
  giveWay();
  t.deepEqual(slept(), [[words.cores, breathMs]]);
  clock.ms = comingMs - 1;
  giveWay();
  t.deepEqual(slept(), [[words.cores, breathMs]]);
  clock.ms = comingMs;
  giveWay();
  t.deepEqual(slept(), [], 'nothing has begun since');
  traffic.begin(true);
  traffic.leave(true);
  giveWay();
  t.deepEqual(slept(), [[words.cores, breathMs]], 'one has come and gone');
});

test('not where a core is left that no call takes', (t) => {
  const { traffic, giveWay, slept } = watched(2);
  traffic.begin(false);
  giveWay();
  t.deepEqual(slept(), []);
});

test('it sleeps for longer while more run than there are cores, one of them not slow', (t) => {
  const { traffic, giveWay, slept } = watched(1);
  traffic.begin(false);
  traffic.begin(true);
  giveWay();
  t.deepEqual(slept(), [[words.urgent, yieldMs]]);
});

test('woken when another has begun by then, it sleeps on, and not for longer than it may', (t) => {
  const { traffic, clock, giveWay, slept } = watched(1);
  traffic.begin(false);
  traffic.begin(true);
  clock.wokenAfterMs = yieldMs / 4;
  giveWay();
  t.deepEqual(
    slept(),
    [1, 3 / 4, 1 / 2, 1 / 4].map((part) => [words.urgent, part * yieldMs]),
  );
});
