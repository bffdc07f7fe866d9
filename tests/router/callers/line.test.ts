// A line: so many at once, the others in order, none for ever.

import test from 'ava';
import { Line } from '../../../router/callers/line.ts';

test('so many work at once, the others follow in order', async (t) => {
  const line = new Line({ workingMax: 2, waitingMax: 10, waitMs: 60_000 });
  const order: number[] = [];
  const all = [0, 1, 2, 3].map(async (each) => {
    t.true(await line.enter());
    order.push(each);
  });
  await Promise.all(all.slice(0, 2));
  t.deepEqual(order, [0, 1]);
  line.leave();
  await all[2];
  t.deepEqual(order, [0, 1, 2]);
  line.leave();
  await all[3];
  line.leave();
  line.leave();
  t.true(await line.enter());
});

test('who finds the line full, or waits too long, is told so and takes no place', async (t) => {
  const line = new Line({ workingMax: 1, waitingMax: 1, waitMs: 1 });
  t.true(await line.enter());
  const second = line.enter();
  t.false(await line.enter());
  t.false(await second);
  line.leave();
  t.true(await line.enter());
});
