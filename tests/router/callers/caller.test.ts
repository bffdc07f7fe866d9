// Keys of callers: no two users share one, whatever their names hold.

import test from 'ava';
import fc from 'fast-check';
import { anonymousKey, keyOf, sandboxKey } from '../../../router/callers/caller.ts';

const user = fc.record({ username: fc.string(), uid: fc.string() });

test('two users have one key only if they are one', (t) => {
  fc.assert(
    fc.property(user, user, (a, b) => {
      t.is(keyOf(a) === keyOf(b), a.username === b.username && a.uid === b.uid);
    }),
  );
  t.not(keyOf({ username: '1:a', uid: '' }), keyOf({ username: '1', uid: ':a' }));
});

test('two sandboxes have one key only if caller and id are one', (t) => {
  const pair = fc.tuple(fc.string(), fc.string());
  fc.assert(
    fc.property(pair, pair, ([caller, id], [otherCaller, otherId]) => {
      const same = caller === otherCaller && id === otherId;
      t.is(sandboxKey(caller, id) === sandboxKey(otherCaller, otherId), same);
    }),
  );
});

test('an account made anew under its old name is another caller', (t) => {
  t.not(keyOf({ username: 'a', uid: '1' }), keyOf({ username: 'a', uid: '2' }));
});

test('nobody is called as those without a token are', (t) => {
  fc.assert(
    fc.property(user, (each) => {
      t.not(keyOf(each), anonymousKey);
    }),
  );
});

test('a key is what a header carries', (t) => {
  fc.assert(
    fc.property(user, (each) => {
      t.regex(keyOf(each), /^[A-Za-z0-9_-]+$/);
    }),
  );
});
