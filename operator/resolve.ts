// A spec with nothing left open: what the operator fills in, so that a new version of it can fill
// in something else without a change to the pools. Pure.

import type { OperatorConfiguration } from '../contract/operator.ts';
import { childNames, routerIdentity } from '../contract/pool/names.ts';
import type { SandboxPool } from '../contract/pool/pool.ts';
import { amountOf, millisecondsOf } from '../contract/pool/quantity.ts';
import {
  memoryDefaults,
  neededBytes,
  workersOf,
  type Resources,
  type SandboxPoolSpec,
} from '../contract/pool/spec.ts';
import type * as t from 'io-ts';

type ResourcesOf = t.TypeOf<typeof Resources>;
type Scheduling = NonNullable<SandboxPoolSpec['scheduling']>;

const second = millisecondsOf('1s');

export interface Resolved {
  readonly name: string;
  readonly namespace: string;
  readonly names: ReturnType<typeof childNames>;
  readonly identity: string;
  readonly replicas: number;
  readonly image: string;
  readonly routerImage: string;
  readonly imagePullPolicy: string;
  readonly imagePullSecrets: readonly { readonly name: string }[];
  readonly runtimeClassName: string;
  readonly resources: ResourcesOf;
  readonly routerReplicas: number;
  readonly routerResources: ResourcesOf;
  readonly anonymous: boolean;
  /** Environment of the runtime pods: what the pool says of limits and sandboxes. */
  readonly environment: Readonly<Record<string, string>>;
  readonly scheduling: Scheduling;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly podAnnotations: Readonly<Record<string, string>>;
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
  readonly metricsFrom: readonly object[];
  /** The longest call, in whole seconds. */
  readonly callSeconds: number;
}

const runtimeResources = {
  requests: { cpu: '250m', memory: '256Mi' },
  limits: { cpu: '1', memory: '1Gi' },
} as const;

const routerResourcesDefault: ResourcesOf = {
  requests: { cpu: '100m', memory: '128Mi' },
  limits: { cpu: '1', memory: '512Mi' },
};

type Amounts = NonNullable<ResourcesOf['limits']>;

const less = (a: string | number | undefined, b: string | number): boolean =>
  a !== undefined && amountOf(a) < amountOf(b);

/** What is given stands; a default gives way where a request would be above its limit. */
const withDefaults = (given: ResourcesOf | undefined, defaults: ResourcesOf): ResourcesOf => {
  const { requests = {}, limits = {} } = given ?? {};
  const filled = (
    own: Amounts,
    other: Amounts,
    fallback: Amounts = {},
    lower: boolean,
  ): Amounts => {
    const entries = Object.entries(fallback) as [keyof Amounts, string | number][];
    const amounts = entries.map(([key, amount]) => {
      const bound = other[key];
      const yields = lower ? less(bound, amount) : bound !== undefined && less(amount, bound);
      return [key, yields ? bound : amount] as const;
    });
    return { ...Object.fromEntries(amounts), ...own };
  };
  return {
    requests: filled(requests, limits, defaults.requests, true),
    limits: filled(limits, requests, defaults.limits, false),
  };
};

/** The runtime's defaults, with room for what the pool wants to keep in memory. */
const runtimeDefaults = (spec: SandboxPoolSpec): ResourcesOf => {
  const { requests, limits } = runtimeResources;
  const needed = neededBytes(spec);
  const memory = less(limits.memory, needed) ? `${Math.ceil(needed / 2 ** 20)}Mi` : limits.memory;
  return { requests, limits: { ...limits, memory } };
};

const environmentOf = (
  { limits = {}, sandboxes = {} }: SandboxPoolSpec,
  cpu: string | number | undefined,
  requireGvisor: boolean,
): Readonly<Record<string, string>> => {
  const bytes = (quantity: string | undefined) =>
    quantity === undefined ? undefined : amountOf(quantity);
  const ms = (duration: string | undefined) =>
    duration === undefined ? undefined : millisecondsOf(duration);
  const values: Readonly<Record<string, number | undefined>> = {
    PADDOCK_WORKERS: workersOf(cpu),
    PADDOCK_FUEL: limits.fuel,
    PADDOCK_MEMORY: bytes(limits.memory ?? memoryDefaults.limit),
    PADDOCK_TIME_MS: ms(limits.time),
    PADDOCK_SOURCE_BYTES: bytes(limits.source),
    PADDOCK_OUTPUT_BYTES: bytes(limits.output),
    PADDOCK_SANDBOXES_MAX: sandboxes.maxPerPod,
    PADDOCK_SANDBOXES_BYTES: bytes(sandboxes.memoryBudget ?? memoryDefaults.budget),
    PADDOCK_SANDBOX_IDLE_MS: ms(sandboxes.idleTimeout),
  };
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  return {
    ...Object.fromEntries(given),
    ...(requireGvisor ? { PADDOCK_REQUIRE_GVISOR: 'true' } : {}),
  };
};

/** Pods apart from one another, by node and by zone, as far as that can be had. */
export const spread = (
  labels: Readonly<Record<string, string>>,
): Scheduling['topologySpreadConstraints'] =>
  ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway' as const,
    labelSelector: { matchLabels: labels },
  }));

export const resolve = (configuration: OperatorConfiguration, pool: SandboxPool): Resolved => {
  const { spec } = pool;
  const { name, namespace } = pool.metadata;
  const resources = withDefaults(spec.resources, runtimeDefaults(spec));
  const { allowedRuntimeClasses, requireGvisor } = configuration;
  return {
    name,
    namespace,
    names: childNames(name),
    identity: routerIdentity(name, namespace),
    replicas: spec.replicas ?? 1,
    image: spec.image ?? configuration.runtimeImage,
    routerImage: configuration.routerImage,
    imagePullPolicy: spec.imagePullPolicy ?? 'IfNotPresent',
    imagePullSecrets: [
      ...configuration.imagePullSecrets.map((secret) => ({ name: secret })),
      ...(spec.imagePullSecrets ?? []),
    ],
    runtimeClassName: spec.runtimeClassName ?? allowedRuntimeClasses[0] ?? 'gvisor',
    resources,
    routerReplicas: spec.router?.replicas ?? 2,
    routerResources: withDefaults(spec.router?.resources, routerResourcesDefault),
    anonymous: spec.access?.anonymous ?? false,
    environment: environmentOf(spec, resources.limits?.cpu, requireGvisor),
    scheduling: spec.scheduling ?? {},
    podLabels: spec.podLabels ?? {},
    podAnnotations: spec.podAnnotations ?? {},
    maxSurge: spec.rollout?.maxSurge ?? 1,
    maxUnavailable: spec.rollout?.maxUnavailable ?? 0,
    metricsFrom: configuration.metricsFrom,
    callSeconds: Math.ceil(millisecondsOf(spec.limits?.time ?? '30s') / second),
  };
};
