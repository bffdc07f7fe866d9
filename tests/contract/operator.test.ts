// What an operator is told by its environment: closed by default, wrong values named.

import test from 'ava';
import { configurationOf } from '../../contract/operator.ts';
import { environment } from '../helpers/pools.ts';

test('what is not said is closed', (t) => {
  t.like(configurationOf(environment), {
    watchNamespaces: [],
    allowedRuntimeClasses: ['gvisor'],
    allowedImagePrefixes: ['registry.example/paddock/runtime'],
    allowedPriorityClasses: [],
    allowedTolerations: [],
    metricsFrom: [],
    requireGvisor: true,
    probePort: 8081,
  });
});

test('lists are words between commas, whatever the spaces', (t) => {
  const words = { ...environment, PADDOCK_WATCH_NAMESPACES: ' shop, lab ,,' };
  t.deepEqual(configurationOf(words).watchNamespaces, ['shop', 'lab']);
  const tolerations = '[{"key":"gpu","operator":"Exists"}]';
  t.deepEqual(
    configurationOf({ ...environment, PADDOCK_ALLOWED_TOLERATIONS: tolerations })
      .allowedTolerations,
    [{ key: 'gpu', operator: 'Exists' }],
  );
});

const wrong: Readonly<Record<string, readonly [Record<string, string>, RegExp]>> = {
  'no image': [{ PADDOCK_RUNTIME_IMAGE: '' }, /^PADDOCK_RUNTIME_IMAGE: expected a value/],
  'no namespace': [{ POD_NAMESPACE: '' }, /^POD_NAMESPACE: expected a value/],
  'no JSON': [{ PADDOCK_METRICS_FROM: '[' }, /^PADDOCK_METRICS_FROM: expected JSON, got \[/],
  'other JSON': [{ PADDOCK_ALLOWED_TOLERATIONS: '{}' }, /^PADDOCK_ALLOWED_TOLERATIONS: expected a/],
  'no port': [{ PADDOCK_PROBE_PORT: '70000' }, /^PADDOCK_PROBE_PORT: expected a port, got 70000/],
};

for (const [what, [values, message]] of Object.entries(wrong)) {
  test(`refused: ${what}`, (t) => {
    t.throws(() => configurationOf({ ...environment, ...values }), { message });
  });
}
