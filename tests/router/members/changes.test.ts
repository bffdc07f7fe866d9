// Waiting for members: until they change or for a while, and leaving nothing behind.

import test from 'ava';
import { Changes } from '../../../router/members/changes.ts';

test('a change wakes all that wait, and nobody later', async (t) => {
  const changes = new Changes();
  const all = Array.from({ length: 3 }, () => changes.next(60_000));
  t.is(changes.size, 3);
  changes.tell();
  await Promise.all(all);
  t.is(changes.size, 0);
  void changes.next(60_000);
  t.is(changes.size, 1);
  changes.tell();
});

test('who waited in vain is forgotten, though nothing ever changes', async (t) => {
  const changes = new Changes();
  await Promise.all(Array.from({ length: 100 }, () => changes.next(1)));
  t.is(changes.size, 0);
});
