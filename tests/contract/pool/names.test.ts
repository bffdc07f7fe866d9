// The names that operator, router and chart must spell alike.

import test from 'ava';
import { readFile } from 'node:fs/promises';
import {
  audienceOf,
  childNames,
  clusterRoles,
  labelsOf,
  selectorOf,
} from '../../../contract/pool/names.ts';

test('a selector is part of the labels of its pods', (t) => {
  t.like(labelsOf('plugins', 'router'), selectorOf('plugins', 'router'));
  t.notDeepEqual(selectorOf('plugins', 'router'), selectorOf('plugins', 'runtime'));
});

test('no two pools share a child, whatever they are called', (t) => {
  const names = ['a', 'a-runtime', 'a-router'].map((pool) => childNames(pool));
  // The Service of `a-runtime` would be the headless one of `a`: NotOwned tells of it.
  t.is(names[1]?.service, names[0]?.runtime);
  t.not(audienceOf('a', 'b-c'), audienceOf('a-b', 'c'));
});

test('the chart ships every role under its name', async (t) => {
  const file = new URL('../../../charts/paddock/templates/roles.yaml', import.meta.url);
  const text = await readFile(file, 'utf8');
  const shipped = [...text.matchAll(/^ {2}name: (.*)$/gm)].map(([, name]) => name);
  for (const name of Object.values(clusterRoles)) t.true(shipped.includes(name), name);
});
