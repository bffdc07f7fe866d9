// What a request asks of a router, by its method and path.

import test from 'ava';
import fc from 'fast-check';
import { pathOf, targetOf } from '../../../router/forward/target.ts';

test('every id survives its way through a path', (t) => {
  const ids = fc.string({ unit: 'grapheme', minLength: 1 });
  fc.assert(
    fc.property(ids, (id) => {
      const path = pathOf({ kind: 'sandbox', id });
      return (
        targetOf('DELETE', path).kind === 'sandbox' && pathOf(targetOf('DELETE', path)) === path
      );
    }),
  );
  t.deepEqual(targetOf('DELETE', '/sandboxes/%61%2fb'), { kind: 'sandbox', id: 'a/b' });
});

test('an evaluation has one path', (t) => {
  t.deepEqual(targetOf('POST', '/execute'), { kind: 'execute' });
  t.is(pathOf({ kind: 'execute' }), '/execute');
  for (const path of ['/Execute', '/execute/', '//execute', '/']) {
    t.throws(() => targetOf('POST', path), { message: /^path: expected/ });
  }
});

test('another method is refused by name', (t) => {
  t.throws(() => targetOf('PUT', '/execute'), { message: 'method: expected POST, got PUT' });
  t.throws(() => targetOf('GET', '/sandboxes/a'), { message: 'method: expected DELETE, got GET' });
});

test('a path that is not well encoded is refused', (t) => {
  t.throws(() => targetOf('DELETE', '/sandboxes/%ff'), { message: /percent-encoded/ });
});
