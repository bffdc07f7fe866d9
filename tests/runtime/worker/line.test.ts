// The line of one caller: which of its jobs are offered as ones on trial.

import test from 'ava';
import { evaluationLimits, poolLimits } from '../../../contract/limits.ts';
import { createLine } from '../../../runtime/worker/line.ts';
import type { Answer, Job, Offer } from '../../../runtime/worker/queue.ts';

const job = (key: string | null, since = 0): Job => ({
  ...{ caller: 'x', sandbox_id: key, since, key, initDigest: '' },
  task: { init_script: '', script: '', seed: 0n, now: 0, limits: evaluationLimits },
  ...{ resolve: () => undefined, reject: () => undefined },
});

const lineOf = (jobs: readonly Job[]) => {
  const line = createLine();
  for (const one of jobs) line.enter(one, false);
  /** Those that are offered on trial while their caller has all that he may. */
  const tried = (answer: (one: Job) => Answer): Job[] => {
    const offered: Job[] = [];
    const offer: Offer = (one, trial) => {
      if (!trial) return 'full';
      offered.push(one);
      return answer(one);
    };
    line.take(new Set(), offer, true);
    return offered;
  };
  return { line, tried };
};

test('who has all that he may has his jobs offered on trial, until one is taken', (t) => {
  const jobs = [job('a'), job(null), job('b')];
  const { line, tried } = lineOf(jobs);
  t.deepEqual(
    tried(() => 'full'),
    jobs.slice(0, 1),
  );
  t.deepEqual(
    tried((one) => (one === jobs[1] ? 'taken' : 'wait')),
    jobs.slice(0, 2),
  );
  t.deepEqual(line.jobs, [jobs[0], jobs[2]]);
});

test('what is too long is never offered on trial again, nor what follows in its sandbox', (t) => {
  const [long, behind, other, late] = [job('a'), job('a'), job('b'), job('a')];
  const { line, tried } = lineOf([long, behind, other]);
  const answer = (one: Job): Answer => (one === long ? 'long' : 'wait');
  t.deepEqual(tried(answer), [long, other]);
  line.enter(late, false);
  t.deepEqual(tried(answer), [other]);
  const inTurn: Job[] = [];
  while (typeof line.take(new Set(), (one) => (inTurn.push(one), 'taken'), true) !== 'string');
  t.deepEqual(inTurn, [long, behind, other, late]);
});

test('what comes back from a trial stands where it was, and is not tried again', (t) => {
  const [first, back, behind, last] = [job('a', 1), job('b', 2), job('b', 2), job(null, 3)];
  const { line, tried } = lineOf([first, behind, last]);
  line.enter(back, true);
  t.deepEqual(line.jobs, [first, back, behind, last]);
  t.deepEqual(
    tried(() => 'wait'),
    [first, last],
  );
});

test('so many are looked at and no more, not counting what is too long', (t) => {
  const most = poolLimits.trialLooksMax;
  const long = Array.from({ length: most }, (_, index) => job(`long ${index}`));
  const others = Array.from({ length: most + 1 }, (_, index) => job(`${index}`));
  const { tried } = lineOf([...long, ...others]);
  const answer = (one: Job): Answer => (long.includes(one) ? 'long' : 'wait');
  t.deepEqual(tried(answer), [...long, ...others.slice(0, -1)]);
  t.deepEqual(tried(answer), others.slice(0, -1));
});

test('none is offered on trial before it is time for that', (t) => {
  const { line } = lineOf([job(null)]);
  const asked: boolean[] = [];
  t.is(
    line.take(new Set(), (_, trial) => (asked.push(trial), 'full'), false),
    'full',
  );
  t.deepEqual(asked, [false]);
});

test('a job that left is not offered', (t) => {
  const [one, two] = [job(null), job(null)];
  const { line, tried } = lineOf([one, two]);
  t.deepEqual([line.remove(one), line.remove(one)], [true, false]);
  t.deepEqual(
    tried(() => 'wait'),
    [two],
  );
});
