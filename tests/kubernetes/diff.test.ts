// What is compared of an object, and what is left to others.

import test from 'ava';
import fc from 'fast-check';
import { diff, merged } from '../../kubernetes/diff.ts';

const strict = ['spec.template', 'subjects'];
const paths = (desired: object, observed: object) =>
  diff(desired, observed, strict).map(({ path, extra }) => `${extra ? '+' : '~'}${path}`);

test('what others add stays, but not at a strict path', (t) => {
  t.deepEqual(
    paths({ metadata: { labels: { a: '1' } } }, { metadata: { labels: { a: '1', b: '2' } } }),
    [],
  );
  t.deepEqual(paths({ spec: { template: { a: 1 } } }, { spec: { template: { a: 1, b: 2 } } }), [
    '+spec.template.b',
  ]);
  t.deepEqual(
    paths(
      { spec: { template: { list: [{ a: 1 }] } } },
      { spec: { template: { list: [{ a: 1 }, 2] } } },
    ),
    ['+spec.template.list'],
  );
});

test('what is missing or other is told by its path', (t) => {
  t.deepEqual(
    paths({ spec: { replicas: 2, list: [1, 2] } }, { spec: { replicas: 7, list: [1, 3] } }),
    ['~spec.replicas', '~spec.list[1]'],
  );
  t.deepEqual(paths({ spec: { a: 1 } }, {}), ['~spec']);
});

test('null, nothing and empty are one, but for a strict list that has something', (t) => {
  t.deepEqual(paths({ a: undefined, b: {}, c: [] }, { a: null }), []);
  t.deepEqual(paths({ subjects: [] }, { subjects: [{ name: 'x' }] }), ['+subjects']);
});

test('amounts are compared by what they amount to', (t) => {
  const limits = (cpu: string) => ({ spec: { limits: { cpu } } });
  t.deepEqual(paths(limits('1000m'), limits('1')), []);
  t.deepEqual(paths(limits('1000m'), limits('2')), ['~spec.limits.cpu']);
  t.deepEqual(paths({ name: '1000m' }, { name: '1' }), ['~name']);
});

const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(1, 2, 'a', 'b', true, null),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('node'), { maxKeys: 3 }),
  ),
})).node;
const object = fc.record({ spec: fc.record({ template: tree, other: tree }) });

test('a replacement made from both differs from neither in what is desired', (t) => {
  fc.assert(
    fc.property(object, object, (desired, observed) => {
      t.deepEqual(diff(desired, merged(desired, observed, strict) as object, strict), []);
      t.deepEqual(diff(desired, structuredClone(desired), strict), []);
    }),
  );
});

test('an empty selector beside another selects more, and is told', (t) => {
  const policy = (more: object) => ({
    spec: { template: { from: [{ podSelector: { matchLabels: { a: '1' } }, ...more }] } },
  });
  const path = 'spec.template.from[0].namespaceSelector';
  t.deepEqual(paths(policy({}), policy({ namespaceSelector: {} })), [`+${path}`]);
  t.deepEqual(paths(policy({ namespaceSelector: {} }), policy({})), [`~${path}`]);
  t.deepEqual(paths(policy({}), policy({ namespaceSelector: null, securityContext: {} })), []);
});
