// Whose tokens may be reviewed: the routers of all pools, in an order that caches do not change.

import test from 'ava';
import { tokenReviewSubjects } from '../../../operator/desired/access.ts';

test('the same subjects in the same order, however the pools come', (t) => {
  const pools = [
    { namespace: 'b', router: 'x-router' },
    { namespace: 'a', router: 'y-router' },
    { namespace: 'a', router: 'x-router' },
  ];
  const subjects = tokenReviewSubjects(pools);
  t.deepEqual(
    subjects.map(({ namespace, name }) => `${namespace}/${name}`),
    ['a/x-router', 'a/y-router', 'b/x-router'],
  );
  t.deepEqual(tokenReviewSubjects(pools.toReversed()), subjects);
});
