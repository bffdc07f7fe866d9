// The work queue: one at a time for each key, no change lost, failures come again.

import test from 'ava';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkQueue } from '../../kubernetes/queue.ts';

const watcher = {
  added: () => undefined,
  retried: () => undefined,
  started: () => undefined,
  ended: () => undefined,
};

const start = (work: (key: string) => Promise<void>, concurrency = 2) =>
  new WorkQueue({ work, concurrency, watcher, onFailure: () => undefined });

const idle = async (queue: WorkQueue): Promise<void> => {
  while (!queue.idle) await sleep(1);
};

test('a key is worked on by one at a time, and again when it changed meanwhile', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 20 }), async (keys) => {
      const working = new Set<string>();
      // What was last written of each key, and what its last look saw.
      const written = new Map<string, number>();
      const seen = new Map<string, number>();
      const queue = start(async (key) => {
        t.false(working.has(key));
        working.add(key);
        seen.set(key, written.get(key) ?? 0);
        await sleep(0);
        working.delete(key);
      });
      for (const [index, key] of keys.entries()) {
        written.set(key, index);
        queue.add(key);
        if (index % 3 === 0) await sleep(0);
      }
      await idle(queue);
      t.deepEqual(seen, written);
      queue.stop();
    }),
    { numRuns: 30 },
  );
});

test('a key that waits is worked on once', async (t) => {
  const worked: string[] = [];
  const queue = start((key) => {
    worked.push(key);
    return Promise.resolve();
  }, 1);
  for (let times = 0; times < 5; times++) queue.add('b');
  queue.add('a');
  await idle(queue);
  t.deepEqual(worked, ['b', 'a', 'b']);
  queue.stop();
});

test('keys that nobody waits for come after those that changed', async (t) => {
  const worked: string[] = [];
  const first = Promise.withResolvers<undefined>();
  const queue = start(async (key) => {
    worked.push(key);
    if (key === 'first') await first.promise;
  }, 1);
  queue.add('first');
  queue.addLater('later');
  queue.addLater('both');
  queue.add('sooner');
  queue.add('both');
  first.resolve(undefined);
  await idle(queue);
  t.deepEqual(worked, ['first', 'sooner', 'both', 'later']);
  queue.stop();
});

test('a key that fails comes again until it does not', async (t) => {
  let failures = 0;
  const done = Promise.withResolvers<undefined>();
  const queue = start(() => {
    failures += 1;
    if (failures < 4) return Promise.reject(new Error('not yet'));
    done.resolve(undefined);
    return Promise.resolve();
  });
  queue.add('a');
  await done.promise;
  t.is(failures, 4);
  queue.stop();
});

test('after its end nothing is worked on', async (t) => {
  let worked = 0;
  const queue = start(() => {
    worked += 1;
    return Promise.resolve();
  });
  queue.stop();
  queue.add('a');
  queue.addAfter('b', 0);
  await sleep(20);
  t.is(worked, 0);
});

test('a failure is retried soon, whatever was planned for much later', async (t) => {
  let looks = 0;
  const again = Promise.withResolvers<undefined>();
  const queue = start(() => {
    looks += 1;
    if (looks === 1) return Promise.reject(new Error('not yet'));
    again.resolve(undefined);
    return Promise.resolve();
  });
  queue.addAfter('a', 2 ** 30);
  queue.add('a');
  await again.promise;
  t.is(looks, 2);
  queue.stop();
});
