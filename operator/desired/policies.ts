// What bounds a pool's pods from outside: who may reach them, and how many may be taken away at a
// time. Pure.

import { ports, selectorOf } from '../../contract/pool/names.ts';
import { resources, type OwnerReference } from '../../kubernetes/resource.ts';
import type { Resolved } from '../resolve.ts';
import { metadataOf, type Child } from './child.ts';

const tcp = (port: number) => ({ protocol: 'TCP', port });

const metricsRule = (pool: Resolved) =>
  pool.metricsFrom.length > 0 ? [{ from: pool.metricsFrom, ports: [tcp(ports.probe)] }] : [];

/** In: its own router, and whoever reads metrics. Out: nothing, not even names. */
const runtimePolicy = (pool: Resolved, owner: OwnerReference): Child => ({
  resource: resources.networkPolicy,
  strict: ['spec'],
  object: {
    metadata: metadataOf(pool, 'runtime', pool.names.runtime, owner),
    spec: {
      podSelector: { matchLabels: selectorOf(pool.name, 'runtime') },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: selectorOf(pool.name, 'router') } }],
          ports: [tcp(ports.runtime)],
        },
        ...metricsRule(pool),
      ],
    },
  },
});

/** In: callers from anywhere, who must say who they are, and whoever reads metrics. */
const routerPolicy = (pool: Resolved, owner: OwnerReference): Child => ({
  resource: resources.networkPolicy,
  strict: ['spec'],
  object: {
    metadata: metadataOf(pool, 'router', pool.names.router, owner),
    spec: {
      podSelector: { matchLabels: selectorOf(pool.name, 'router') },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [tcp(ports.router)] }, ...metricsRule(pool)],
    },
  },
});

export const networkPolicies = (pool: Resolved, owner: OwnerReference): readonly Child[] => [
  runtimePolicy(pool, owner),
  routerPolicy(pool, owner),
];

export const disruptionBudgets = (pool: Resolved, owner: OwnerReference): readonly Child[] =>
  (['runtime', 'router'] as const).map((component) => ({
    resource: resources.disruptionBudget,
    strict: ['spec'],
    object: {
      metadata: metadataOf(pool, component, pool.names[component], owner),
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: selectorOf(pool.name, component) },
      },
    },
  }));
