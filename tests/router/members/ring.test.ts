// Rendezvous hashing: replicas agree, a member that comes or goes moves its own share alone, and
// the shares are alike.

import test from 'ava';
import fc from 'fast-check';
import { createRing } from '../../../router/members/ring.ts';

const members = (count: number, prefix = 'pod') =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}-${index}` }));

const keys = Array.from({ length: 100_000 }, (_, index) => `4:user${index}`);

for (const count of [1, 3, 10, 30]) {
  test(`from ${count} to ${count + 1} members no more than a fair share of keys moves`, (t) => {
    const [before, after] = [createRing(members(count)), createRing(members(count + 1))];
    const moved = keys.filter((key) => before.ownerOf(key)?.id !== after.ownerOf(key)?.id);
    t.true(moved.length <= (1.1 * keys.length) / (count + 1), String(moved.length));
    // Whatever moves, moves to the new one.
    t.true(moved.every((key) => after.ownerOf(key)?.id === `pod-${count}`));
  });
}

test('the largest share of 10 members is at most 1.05 times the mean', (t) => {
  const ring = createRing(members(10));
  const counts = new Map<string, number>();
  for (const key of keys) {
    const id = ring.ownerOf(key)?.id ?? '';
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  t.is(counts.size, 10);
  t.true(Math.max(...counts.values()) <= 1.05 * (keys.length / 10), String([...counts.values()]));
});

const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 20 });

test('routers that know the same members in any order agree', (t) => {
  fc.assert(
    fc.property(ids, fc.string(), fc.nat(), (names, key, turn) => {
      const ring = createRing(names.map((id) => ({ id })));
      const turned = [...names.slice(turn % 7), ...names.slice(0, turn % 7)];
      const other = createRing(turned.map((id) => ({ id })));
      t.deepEqual(ring.orderOf(key), other.orderOf(key));
      t.is(ring.ownerOf(key), ring.orderOf(key)[0]);
    }),
  );
});

test('without a member the order of the others stays', (t) => {
  fc.assert(
    fc.property(ids, fc.string(), fc.nat(), (names, key, which) => {
      const gone = names[which % Math.max(1, names.length)];
      const all = createRing(names.map((id) => ({ id }))).orderOf(key);
      const left = createRing(names.filter((id) => id !== gone).map((id) => ({ id })));
      t.deepEqual(
        left.orderOf(key),
        all.filter(({ id }) => id !== gone),
      );
    }),
  );
});

test('no members, no owner', (t) => {
  const nobody: string[] = [];
  const ring = createRing(nobody.map((id) => ({ id })));
  t.is(ring.ownerOf('key'), undefined);
});
