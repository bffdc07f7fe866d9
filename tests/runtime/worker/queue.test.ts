// The queue: bounded, in order for each sandbox, and nothing is lost.

import test from 'ava';
import fc from 'fast-check';
import { evaluationLimits, poolLimits } from '../../../contract/limits.ts';
import { Refusal } from '../../../contract/failure.ts';
import { createQueue, type Answer, type Job } from '../../../runtime/worker/queue.ts';

const job = (key: string | null, script = '', caller = ''): Job => ({
  caller,
  sandbox_id: key,
  since: 0,
  key,
  initDigest: '',
  task: { init_script: '', script, seed: 0n, now: 0, limits: evaluationLimits },
  resolve: () => undefined,
  reject: () => undefined,
});

const refused = (queue: ReturnType<typeof createQueue>, one: Job): boolean => {
  try {
    queue.push(one);
    return false;
  } catch (error) {
    return error instanceof Refusal && error.status === 'OVERLOADED';
  }
};

test('a full queue refuses with OVERLOADED and Retry-After', (t) => {
  const queue = createQueue();
  for (let index = 0; index < poolLimits.queueLengthMax; index++) {
    queue.push(job(null, '', `c${index % 3}`));
  }
  const error = t.throws(
    () => {
      queue.push(job(null, '', 'another'));
    },
    { instanceOf: Refusal },
  );
  t.is(error.status, 'OVERLOADED');
  t.is(error.headers['retry-after'], '1');
});

test('one caller cannot fill the queue: others find room', (t) => {
  const queue = createQueue();
  for (let index = 0; index < poolLimits.queuePerCallerMax; index++) {
    queue.push(job(null, '', 'greedy'));
  }
  t.true(refused(queue, job(null, '', 'greedy')));
  t.false(refused(queue, job(null, '', 'modest')));
});

test('callers take turns, however many wait of one', (t) => {
  const queue = createQueue();
  const greedy = [1, 2, 3].map((n) => job(`g${n}`, '', 'greedy'));
  const modest = job('m', '', 'modest');
  [...greedy, modest].forEach(queue.push);
  const order: Job[] = [];
  queue.drain((one) => {
    order.push(one);
    return 'taken';
  });
  t.deepEqual(order, [greedy[0], modest, greedy[1], greedy[2]]);
});

test('whose turn it is carries over from one drain to the next', (t) => {
  const queue = createQueue();
  const jobs = ['a', 'a', 'b', 'b'].map((caller) => job(null, '', caller));
  jobs.forEach(queue.push);
  const order: string[] = [];
  while (queue.length() > 0) {
    let free = true;
    queue.drain((one) => {
      if (!free) return 'stop';
      free = false;
      order.push(one.caller);
      return 'taken';
    });
  }
  t.deepEqual(order, ['a', 'b', 'a', 'b']);
});

test('a caller who has all that he may leaves the others their turns', (t) => {
  const queue = createQueue();
  const jobs = ['a', 'b', 'a', 'b'].map((caller) => job(null, '', caller));
  jobs.forEach(queue.push);
  const order: string[] = [];
  queue.drain((one, trial) => {
    order.push(`${one.caller}${trial ? ' on trial' : ''}`);
    return one.caller === 'a' ? 'full' : 'taken';
  });
  t.deepEqual(order, ['a', 'b', 'b', 'a', 'a on trial'], 'nobody waits for a call on trial');
  t.is(queue.length(), 2);
});

test('a queue full of bytes refuses, and has room again once they are taken', (t) => {
  const queue = createQueue();
  const large = job(null, 'x'.repeat(poolLimits.queueBytesMax / 4));
  queue.push(large);
  queue.push(large);
  t.true(refused(queue, large));
  queue.drain(() => 'taken');
  t.false(refused(queue, large));
});

test('a withdrawn job gives its room back, once, and leaves the others in order', (t) => {
  const queue = createQueue();
  const large = job('a', 'x'.repeat(poolLimits.queueBytesMax / 4));
  const [other, last] = [job('a'), job('a')];
  [large, other, last].forEach(queue.push);
  t.deepEqual([queue.withdraw(large), queue.withdraw(large)], [true, false]);
  // Two of them fill the queue to its last byte.
  const more = [{ ...large }, { ...large }];
  more.forEach(queue.push);
  t.true(refused(queue, job('a', 'x')));
  t.deepEqual(queue.clear(), [other, last, ...more]);
});

test('a job that comes back stands where it was, before the later ones of its sandbox', (t) => {
  const queue = createQueue();
  const jobs = [1, 2, 2, 3].map((since, index) => ({ ...job(`${index % 2}`), since }));
  jobs.forEach(queue.push);
  const taken: Job[] = [];
  queue.drain((one) => {
    taken.push(one);
    return taken.length < 3 ? 'taken' : 'stop';
  });
  t.is(queue.length(), 2);
  taken.slice(0, 2).toReversed().forEach(queue.putBack);
  t.is(queue.length(), 4);
  t.deepEqual(queue.clear(), jobs);
  jobs.slice(0, 1).forEach(queue.putBack);
  t.deepEqual(queue.clear(), jobs.slice(0, 1), 'nobody of his waited');
});

test('a waiting job holds back the later ones of its sandbox and no others', (t) => {
  const queue = createQueue();
  const jobs = [job('a'), job('b'), job('a'), job(null)];
  jobs.forEach(queue.push);
  const offered: Job[] = [];
  queue.drain((one) => {
    offered.push(one);
    return one === jobs[0] ? 'wait' : 'taken';
  });
  t.deepEqual(offered, [jobs[0], jobs[1], jobs[3]]);
  t.deepEqual(queue.clear(), [jobs[0], jobs[2]]);
});

test('whatever is offered and taken: each job leaves once, in order for its key', (t) => {
  const keys = fc.array(fc.constantFrom('a', 'b', 'c', null), { maxLength: 12 });
  const answers = fc.infiniteStream(fc.constantFrom('taken', 'wait', 'full', 'stop'));
  fc.assert(
    fc.property(keys, answers, (given, stream) => {
      const queue = createQueue();
      const jobs = given.map((key) => job(key));
      jobs.forEach(queue.push);
      const taken: Job[] = [];
      for (let round = 0; round < 5; round++) {
        queue.drain((one) => {
          const answer = stream.next().value as Answer;
          if (answer === 'taken') taken.push(one);
          return answer;
        });
      }
      const all = [...taken, ...queue.clear()];
      const orderOf = (key: string | null) => all.filter((one) => one.key === key);
      const inOrder = ['a', 'b', 'c'].every((key) =>
        orderOf(key).every(
          (one, index) => one === jobs.filter((other) => other.key === key)[index],
        ),
      );
      return inOrder && all.length === jobs.length && new Set(all).size === jobs.length;
    }),
  );
  t.pass();
});
