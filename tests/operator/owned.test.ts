// Whose an object is: only a controller of the same uid counts.

import test from 'ava';
import { isOwnedBy } from '../../operator/owned.ts';
import { owner } from '../helpers/pools.ts';

const objectOf = (...ownerReferences: (typeof owner)[]) => ({
  metadata: { name: 'x', ownerReferences },
});

test('ours: the controller is this pool', (t) => {
  t.true(isOwnedBy(objectOf({ ...owner, uid: 'other', controller: false }, owner), owner));
});

test('not ours: nobody, another pool of the same name, an owner that does not control', (t) => {
  t.false(isOwnedBy({ metadata: { name: 'x' } }, owner));
  t.false(isOwnedBy(objectOf({ ...owner, uid: 'u-0' }), owner));
  t.false(isOwnedBy(objectOf({ ...owner, controller: false }), owner));
});
