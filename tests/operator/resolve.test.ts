// What the operator fills in.

import test from 'ava';
import { resolvedOf } from '../helpers/pools.ts';

test('an empty spec is a whole pool', (t) => {
  t.like(resolvedOf(), {
    replicas: 1,
    routerReplicas: 2,
    image: 'registry.example/paddock/runtime:1',
    runtimeClassName: 'gvisor',
    anonymous: false,
    maxSurge: 1,
    maxUnavailable: 0,
    callSeconds: 30,
    identity: 'spiffe://paddock.dev/ns/shop/pool/plugins/router',
  });
});

test('limits and sandboxes reach the runtime as its environment', (t) => {
  const { environment } = resolvedOf({
    limits: { fuel: 7, memory: '32Mi', time: '2s', source: '2Ki', output: '1Ki' },
    sandboxes: { maxPerPod: 9, idleTimeout: '5m', memoryBudget: '128Mi' },
    resources: { limits: { cpu: '1500m' } },
  });
  t.deepEqual(environment, {
    PADDOCK_WORKERS: '2',
    PADDOCK_FUEL: '7',
    PADDOCK_MEMORY: String(32 * 2 ** 20),
    PADDOCK_TIME_MS: '2000',
    PADDOCK_SOURCE_BYTES: '2048',
    PADDOCK_OUTPUT_BYTES: '1024',
    PADDOCK_SANDBOXES_MAX: '9',
    PADDOCK_SANDBOXES_BYTES: String(128 * 2 ** 20),
    PADDOCK_SANDBOX_IDLE_MS: '300000',
    PADDOCK_REQUIRE_GVISOR: 'true',
  });
});

test('resources that are given in part are filled up, each amount by itself', (t) => {
  t.deepEqual(resolvedOf({ resources: { limits: { memory: '2Gi' } } }).resources, {
    requests: { cpu: '250m', memory: '256Mi' },
    limits: { cpu: '1', memory: '2Gi' },
  });
});

test('a default gives way where a request would be above its limit', (t) => {
  const small = resolvedOf({ resources: { limits: { cpu: '100m', memory: '700Mi' } } }).resources;
  t.deepEqual(small.requests, { cpu: '100m', memory: '256Mi' });
  const large = resolvedOf({ resources: { requests: { cpu: 4, memory: '8Gi' } } }).resources;
  t.deepEqual(large.limits, { cpu: 4, memory: '8Gi' });
});

test('a pod has room for the sandboxes that the pool keeps', (t) => {
  const { resources } = resolvedOf({ sandboxes: { memoryBudget: '4Gi' } });
  t.is(resources.limits?.memory, `${4096 + 2 * 64 + 256}Mi`);
});
