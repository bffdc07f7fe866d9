// What a pool is made of, and what each part may.

import test from 'ava';
import fc from 'fast-check';
import { childrenOf } from '../../../operator/desired/children.ts';
import type { Child } from '../../../operator/desired/child.ts';
import { owner, resolvedOf } from '../../helpers/pools.ts';

const all = (spec = {}): readonly Child[] => childrenOf(resolvedOf(spec), owner);

/** The field at a path of the one child of a kind and name. */
const at = (kind: string, name: string, path: string, spec = {}): unknown => {
  const child = all(spec).find(
    ({ resource, object }) => resource.kind === kind && object.metadata.name === name,
  );
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], child?.object);
};

const pod = 'spec.template.spec';

test('each child is named once per kind, in the namespace of the pool, and owned by it', (t) => {
  const names = all().map(({ resource, object }) => `${resource.kind} ${object.metadata.name}`);
  t.is(new Set(names).size, names.length);
  for (const { object } of all()) {
    t.is(object.metadata.namespace, 'shop');
    t.deepEqual(object.metadata.ownerReferences, [owner]);
  }
});

test('rights and rules come before the pods that they are about', (t) => {
  const kinds = all().map(({ resource }) => resource.kind);
  const firstPods = kinds.indexOf('Deployment');
  t.true(kinds.lastIndexOf('NetworkPolicy') < firstPods);
  t.true(kinds.lastIndexOf('RoleBinding') < firstPods);
  t.deepEqual(kinds.slice(firstPods), ['Deployment', 'Deployment']);
});

for (const name of ['plugins-runtime', 'plugins-router']) {
  test(`${name} runs with the least that a pod can have`, (t) => {
    t.like(at('Deployment', name, pod), {
      enableServiceLinks: false,
      automountServiceAccountToken: name === 'plugins-router',
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65_532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
    t.like(at('Deployment', name, `${pod}.containers.0.securityContext`), {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
    });
    t.like(at('Deployment', name, `${pod}.containers`), { length: 1 });
  });

  test(`nothing foreign may stand in the template of ${name}`, (t) => {
    const child = all().find(
      ({ resource, object }) => resource.kind === 'Deployment' && object.metadata.name === name,
    );
    t.true(child?.strict.includes('spec.template'));
  });
}

test('the runtime runs in gVisor, the router does not need to', (t) => {
  t.is(at('Deployment', 'plugins-runtime', `${pod}.runtimeClassName`), 'gvisor');
  t.is(at('Deployment', 'plugins-router', `${pod}.runtimeClassName`), undefined);
});

test('a pod has time for the longest call after it was told to end', (t) => {
  const grace = at('Deployment', 'plugins-runtime', `${pod}.terminationGracePeriodSeconds`, {
    limits: { time: '90s' },
  });
  t.true(Number(grace) > 95);
});

test('the key of the router is mounted in routers alone', (t) => {
  t.like(at('Deployment', 'plugins-runtime', `${pod}.volumes`), [
    { secret: { secretName: 'plugins-runtime-tls' } },
  ]);
  t.like(at('Deployment', 'plugins-router', `${pod}.volumes`), [
    { secret: { secretName: 'plugins-router-tls' } },
  ]);
});

test('labels of the author never replace those that policies go by', (t) => {
  const podLabels = {
    team: 'blue',
    'app.kubernetes.io/component': 'router',
    'paddock.dev/pool': 'other',
  };
  t.like(at('Deployment', 'plugins-runtime', 'spec.template.metadata.labels', { podLabels }), {
    team: 'blue',
    'app.kubernetes.io/component': 'runtime',
    'paddock.dev/pool': 'plugins',
  });
});

test('no way out of a runtime pod, and one way in', (t) => {
  t.like(at('NetworkPolicy', 'plugins-runtime', 'spec'), {
    policyTypes: ['Ingress', 'Egress'],
    egress: undefined,
    ingress: [
      {
        from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'router' } } }],
        ports: [{ port: 8443, protocol: 'TCP' }],
      },
    ],
  });
  t.like(at('NetworkPolicy', 'plugins-runtime', 'spec.ingress'), { length: 1 });
});

test('callers without a token are served only where the pool says so', (t) => {
  const args = (spec: object): readonly string[] =>
    at('Deployment', 'plugins-router', `${pod}.containers.0.args`, spec) as readonly string[];
  t.false(args({}).includes('--anonymous'));
  t.true(args({ access: { anonymous: true } }).includes('--anonymous'));
});

test('the operator binds roles that the chart ships and makes none', (t) => {
  t.like(at('RoleBinding', 'plugins-router', 'roleRef'), {
    kind: 'ClusterRole',
    name: 'paddock-router',
  });
  t.deepEqual(at('RoleBinding', 'plugins-router', 'subjects'), [
    { kind: 'ServiceAccount', name: 'plugins-router', namespace: 'shop' },
  ]);
});

test('who is asked twice answers alike: the same spec, the same children', (t) => {
  const spec = fc.record(
    {
      replicas: fc.nat(9),
      podLabels: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y')),
      access: fc.record({ anonymous: fc.boolean() }),
      limits: fc.record({ fuel: fc.integer({ min: 1, max: 1e9 }) }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(spec, (each) => {
      t.deepEqual(all(each), all(structuredClone(each)));
    }),
  );
});
