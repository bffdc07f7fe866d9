// What KUBECONFIG means to the tests, without a cluster.

import test from 'ava';
import { registryOf } from '../helpers/host.ts';
import { onOurs } from './cluster.ts';
import { foreignOf, inTheWay, openForeign } from './foreign.ts';

test('KUBECONFIG names one file or none', (t) => {
  t.is(foreignOf(undefined), undefined);
  t.is(foreignOf(''), undefined);
  t.is(foreignOf('a/config'), 'a/config');
  t.throws(() => foreignOf('a/config:b/config'), { message: /KUBECONFIG: expected one file/ });
});

test('a KUBECONFIG that is no file is refused before anything is asked', async (t) => {
  await t.throwsAsync(openForeign('nowhere/config'), {
    message: 'KUBECONFIG: expected a file, got nowhere/config',
  });
});

test('a cluster that has what tests make, and take away, is not touched', (t) => {
  const crds = 'customresourcedefinition.apiextensions.k8s.io';
  const theirs = ['namespace/default', 'namespace/shop-2', `${crds}/shops.example.com`];
  t.deepEqual(inTheWay(theirs), []);
  const found = ['namespace/shop', `${crds}/sandboxpools.paddock.dev`];
  t.deepEqual(inTheWay([...theirs, ...found]), found);
});

test('a test that needs our own cluster is left out on another, by a title that says why', (t) => {
  const declared: string[] = [];
  const declare = Object.assign((title: string) => declared.push(title), {
    skip: (title: string) => declared.push(`skipped: ${title}`),
  });
  const run = (): Promise<void> => Promise.resolve();
  onOurs(declare, 'the audit log', undefined)('no writes', run);
  onOurs(declare, 'the audit log', 'a/config')('no writes', run);
  t.deepEqual(declared, ['no writes', 'skipped: no writes (left out: needs the audit log)']);
});

test('images come from the registry that is named, and a missing name says what is wanted', (t) => {
  const tags = { runtime: 'a', router: 'b', operator: 'c' };
  t.is(registryOf('registry.example/', tags), 'registry.example');
  const error = t.throws(() => registryOf(undefined, tags));
  const names = ['runtime:a', 'runtime:a-again', 'router:b', 'operator:c'];
  for (const name of names) t.true(error.message.includes(`paddock/${name}`), name);
});
