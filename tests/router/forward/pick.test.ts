// Which member a request goes to first.

import test from 'ava';
import { freeOrder, keyedOrder } from '../../../router/forward/pick.ts';
import { createRing } from '../../../router/members/ring.ts';

const members = ['a', 'b', 'c'].map((id) => ({ id }));

test('a keyed request goes to its owner whatever its load', (t) => {
  const ring = createRing(members);
  t.deepEqual(keyedOrder(ring, 'key'), ring.orderOf('key'));
});

test('a free request goes to the less loaded of two, then to the others', (t) => {
  const loads: Readonly<Record<string, number>> = { a: 5, b: 2, c: 0 };
  const loadOf = ({ id }: { readonly id: string }) => loads[id] ?? 0;
  const order = freeOrder(members, loadOf, [0, 0.4]);
  t.deepEqual(
    order.map(({ id }) => id),
    ['b', 'a', 'c'],
  );
  t.is(freeOrder(members, loadOf, [0.9, 0])[0]?.id, 'c');
});

test('nobody to go to', (t) => {
  t.deepEqual(
    freeOrder([], () => 0, [0, 0]),
    [],
  );
});
