// The CRD that is committed, for kubectl and in the chart, is what the codec makes.

import test from 'ava';
import { readFile } from 'node:fs/promises';
import { crd } from '../../../contract/pool/crd.ts';
import { generated } from '../../../scripts/generate-crds.ts';

for (const [path, text] of Object.entries(generated)) {
  test(`${path} is generated`, async (t) => {
    t.is(await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8'), text);
  });
}

const walk = (value: unknown, visit: (schema: Record<string, unknown>, path: string) => void) => {
  const go = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    const node = schema as Record<string, unknown>;
    visit(node, path);
    for (const [name, field] of Object.entries(node['properties'] ?? {})) {
      go(field, `${path}.${name}`);
    }
    go(node['items'], `${path}[]`);
    go(node['additionalProperties'], `${path}{}`);
  };
  go(value, '');
};

const { properties } = crd.spec.versions[0]?.schema.openAPIV3Schema ?? { properties: {} };
const { spec } = properties as { spec?: unknown };

test('every list, map and string of the spec is bounded', (t) => {
  const unbounded: string[] = [];
  walk(spec, (schema, path) => {
    const { type } = schema;
    const list = type === 'array' && schema['maxItems'] === undefined;
    const map =
      schema['additionalProperties'] !== undefined && schema['maxProperties'] === undefined;
    const text = type === 'string' && schema['maxLength'] === undefined && !schema['enum'];
    if (list || map || text) unbounded.push(path);
  });
  t.deepEqual(unbounded, []);
});

test('every field of the spec has a description', (t) => {
  const silent: string[] = [];
  walk(spec, (schema, path) => {
    const detail = /\[\]|\{\}|\.(?:cpu|memory|ephemeral-storage)$/.test(path);
    if (!detail && schema['description'] === undefined) silent.push(path);
  });
  t.deepEqual(silent, []);
});
