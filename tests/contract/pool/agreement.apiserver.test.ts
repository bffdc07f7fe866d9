// What the codec accepts and what a real API server accepts are the same, for specs that are right,
// nearly right and wrong.

import test from 'ava';
import fc from 'fast-check';
import { crd } from '../../../contract/pool/crd.ts';
import { validateSpec } from '../../../contract/pool/pool.ts';
import type { Client } from '../../../kubernetes/client.ts';
import { connect } from '../../../kubernetes/config.ts';
import { pathOf, resources } from '../../../kubernetes/resource.ts';
import { startCluster, type Cluster } from '../../cluster/cluster.ts';

const runs = 400;
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

let plane: Cluster;
let client: Client;

const create = (name: string, spec: unknown) =>
  client.send<unknown>({
    method: 'POST',
    path: pathOf(resources.pool, { namespace: 'default' }),
    query: { dryRun: 'All', fieldValidation: 'Strict' },
    body: {
      apiVersion: resources.pool.apiVersion,
      kind: resources.pool.kind,
      metadata: { name },
      spec,
    },
  });

test.before(async () => {
  plane = await startCluster();
  client = connect(plane.kubeconfig);
  await client.apply(definition, crd);
  while (!(await create('probe', {})).ok) await new Promise((resolve) => setTimeout(resolve, 100));
});

test.after.always(async () => {
  await client.close();
  await plane.stop();
});

const optional = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.record(fields, { requiredKeys: [] });

const bytes = fc.constantFrom(
  '1Ki',
  '8Mi',
  '64Mi',
  '512Ki',
  '1Gi',
  '2Gi',
  '7Mi',
  '64',
  '',
  '1.5Gi',
);
const quantity = fc.constantFrom(
  '250m',
  '2',
  '1Gi',
  '1.5Gi',
  '768Mi',
  '3500m',
  1,
  2,
  0,
  'x',
  '-1',
  1.5,
);
const duration = fc.constantFrom('500ms', '30s', '5m', '2h', '0s', '30', 's', '1d');
const share = fc.constantFrom(0, 1, '0%', '25%', '100%', '101%', -1, 'all');
const amounts = optional({ cpu: quantity, memory: quantity });
const resourcesOf = optional({ requests: amounts, limits: amounts });
const name = fc.constantFrom('a', 'a-b', 'A', 'a.b', '', '-a', 'x'.repeat(254));
const label = fc.constantFrom('a', '', 'a_b', ' ', 'ü', 'x'.repeat(64));
const key = fc.constantFrom('a', 'example.com/a', 'not a key', '/a', 'a/', 'A_b');
// No null: the API server drops a null before it looks, so none is ever stored.
const count = fc.constantFrom(0, 1, 3, 1000, 1001, -1, 1.5, '3');

/** Mostly right field by field, so that whole specs are right often enough. */
const spec = optional({
  replicas: count,
  image: fc.constantFrom('paddock/runtime', 'a:1', 'a@sha256:00', '', 'a b', 7),
  imagePullPolicy: fc.constantFrom('Always', 'Never', 'Sometimes'),
  imagePullSecrets: fc.array(fc.record({ name }), { maxLength: 3 }),
  runtimeClassName: name,
  resources: resourcesOf,
  limits: optional({
    fuel: fc.constantFrom(1, 40_000_000_000, 0, 2 ** 53, '1'),
    memory: bytes,
    source: bytes,
    output: bytes,
    time: duration,
  }),
  sandboxes: optional({ maxPerPod: count, idleTimeout: duration, memoryBudget: bytes }),
  router: optional({ replicas: count, resources: resourcesOf }),
  access: optional({ anonymous: fc.constantFrom(true, false, 'yes') }),
  scheduling: optional({
    nodeSelector: fc.dictionary(key, label, { maxKeys: 2 }),
    tolerations: fc.array(
      optional({
        key,
        operator: fc.constantFrom('Exists', 'Equal', 'Like'),
        effect: fc.constantFrom('NoSchedule', 'Never'),
        tolerationSeconds: fc.constantFrom(0, 30, -1),
      }),
      { maxLength: 2 },
    ),
    priorityClassName: name,
  }),
  podLabels: fc.dictionary(key, label, { maxKeys: 2 }),
  podAnnotations: fc.dictionary(key, fc.constantFrom('', 'text', 'x'.repeat(1025)), { maxKeys: 2 }),
  rollout: optional({ maxSurge: share, maxUnavailable: share }),
  unknown: fc.constant(1),
});

/** Leaves out most fields of most specs: a spec with every field is hardly ever right. */
const sparse = fc
  .tuple(spec, fc.infiniteStream(fc.integer({ min: 0, max: 4 })))
  .map(([whole, chances]) =>
    Object.fromEntries(Object.entries(whole).filter(() => chances.next().value === 0)),
  );

/** Rare among random ones. */
const alike: [Record<string, unknown>][] = [
  [{ imagePullSecrets: [{ name: 'a.b' }, { name: 'a' }, { name: 'a' }] }],
  [{ imagePullSecrets: [{ name: 'a.b' }, { name: 'a' }] }],
];

test('codec and API server agree', async (t) => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(sparse, async (each) => {
      const ours = validateSpec(each);
      const theirs = await create('agreement', each);
      accepted += ours.ok ? 1 : 0;
      const said = theirs.ok ? 'accepted' : theirs.failure.message;
      const own = ours.ok ? 'accepted' : JSON.stringify(ours.faults);
      t.is(ours.ok, theirs.ok, `${JSON.stringify(each)}\nours: ${own}\ntheirs: ${said}`);
    }),
    { numRuns: runs, endOnFailure: true, examples: alike },
  );
  // A property over nothing but refusals would show little.
  t.true(accepted > runs / 10 && accepted < (runs * 9) / 10, String(accepted));
});

const names: readonly (readonly [name: string, right: boolean])[] = [
  ['plugins', true],
  ['a', true],
  ['a-1', true],
  ['x'.repeat(40), true],
  ['x'.repeat(41), false],
  ['1a', false],
  ['a.b', false],
];

for (const [each, right] of names) {
  test(`the name ${each} is ${right ? 'right' : 'refused'}`, async (t) => {
    t.is((await create(each, {})).ok, right);
  });
}
