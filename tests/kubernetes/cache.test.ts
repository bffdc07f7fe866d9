// What an informer knows, and what it tells when it learns it anew.

import test from 'ava';
import { Cache } from '../../kubernetes/cache.ts';

const object = (name: string, resourceVersion: string, uid = name) => ({
  metadata: { name, namespace: 'a', resourceVersion, uid },
});

test('a new list tells what is new, changed and gone, and nothing of the rest', (t) => {
  const cache = new Cache();
  for (const name of ['same', 'changed', 'gone', 'replaced']) cache.put(object(name, '1'));
  const changes = cache.replace([
    object('same', '1'),
    object('changed', '2'),
    object('new', '3'),
    object('replaced', '1', 'another'),
  ]);
  t.deepEqual(
    changes.map(({ before, after }) => [before?.metadata.name, after?.metadata.name]),
    [
      ['gone', undefined],
      ['changed', 'changed'],
      [undefined, 'new'],
      ['replaced', 'replaced'],
    ],
  );
  t.is(cache.size, 4);
  t.is(cache.get('a/gone'), undefined);
});

test('nobody can change what others read', (t) => {
  const cache = new Cache();
  cache.put(object('a', '1'));
  const found = cache.get('a/a');
  t.throws(() => {
    Object.assign(found?.metadata ?? {}, { name: 'b' });
  });
});

test('what is removed without having been known is told all the same', (t) => {
  t.is(new Cache().remove(object('a', '1')).before?.metadata.name, 'a');
});
