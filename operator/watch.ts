// The caches that an operator decides from, and which pool each change in them is about.

import { clusterRoles, fieldManager, kind, labelKeys } from '../contract/pool/names.ts';
import type { SandboxPool } from '../contract/pool/pool.ts';
import type { Client } from '../kubernetes/client.ts';
import type { Change } from '../kubernetes/cache.ts';
import { Informer, type Watcher } from '../kubernetes/informer.ts';
import { keyOf, resources, type KubernetesObject, type Resource } from '../kubernetes/resource.ts';
import type { PodEvent } from './observed.ts';

export interface WatchOptions {
  readonly client: Client;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly watcher: Watcher;
  /** A pool, as `namespace/name`, that somebody changed. */
  readonly onPool: (key: string) => void;
  /** Pools came or went, or the binding of their routers changed. */
  readonly onPools: () => void;
  /** Something that every pool may depend on. */
  readonly onAll: () => void;
  readonly onFault: (error: unknown) => void;
}

export interface Caches {
  readonly pools: () => readonly SandboxPool[];
  readonly pool: (key: string) => SandboxPool | undefined;
  readonly child: (
    resource: Resource,
    namespace: string,
    name: string,
  ) => KubernetesObject | undefined;
  readonly pods: (namespace: string, pool: string) => readonly KubernetesObject[];
  readonly podEvents: (namespace: string) => readonly PodEvent[];
  readonly runtimeClass: (name: string) => KubernetesObject | undefined;
  /** The ClusterRoleBinding of routers. */
  readonly tokenReview: () => KubernetesObject | undefined;
  readonly synced: Promise<unknown>;
  readonly hasSynced: () => boolean;
  readonly stop: () => void;
}

const ours = `${labelKeys.managedBy}=${fieldManager}`;

/** Kinds of children that are watched; Secrets are read by name and never listed. */
const childKinds = [
  ...[resources.deployment, resources.service, resources.serviceAccount, resources.roleBinding],
  ...[resources.networkPolicy, resources.disruptionBudget],
];

const poolKeyOf = ({ metadata }: KubernetesObject): string | undefined => {
  const owner = metadata.ownerReferences?.find((each) => each.kind === kind);
  const name = owner?.name ?? metadata.labels?.[labelKeys.pool];
  return name === undefined ? undefined : `${metadata.namespace ?? ''}/${name}`;
};

/** A pool that is new, gone, or began to go: others only changed. */
const isArrival = ({ before, after }: Change<KubernetesObject>): boolean =>
  before?.metadata.deletionTimestamp !== after?.metadata.deletionTimestamp ||
  before?.metadata.uid !== after?.metadata.uid;

export const startWatching = (options: WatchOptions): Caches => {
  const { client, watcher, onPool, onPools, onAll, onFault } = options;
  const namespaces = options.namespaces.length > 0 ? options.namespaces : [undefined];
  const all: Informer<KubernetesObject>[] = [];

  const inform = (
    resource: Resource,
    tell: (change: Change<KubernetesObject>) => void,
    selectors: { readonly labelSelector?: string; readonly fieldSelector?: string } = {},
  ): readonly Informer<KubernetesObject>[] => {
    const scopes = resource.namespaced ? namespaces : [undefined];
    const made = scopes.map(
      (namespace) =>
        new Informer<KubernetesObject>({
          ...{ client, watcher, onFault },
          scope: { resource, namespace, ...selectors },
          onChange: tell,
        }),
    );
    all.push(...made);
    return made;
  };

  /** What tells of a change by the pool that the object is about. */
  const about =
    (keyFor: (object: KubernetesObject) => string | undefined) =>
    ({ before, after }: Change<KubernetesObject>): void => {
      const object = after ?? before;
      const key = object && keyFor(object);
      if (key !== undefined) onPool(key);
    };
  const pools = inform(resources.pool, (change) => {
    about(keyOf)(change);
    if (isArrival(change)) onPools();
  });
  const children = new Map(
    childKinds.map((resource) => [
      resource,
      inform(resource, about(poolKeyOf), { labelSelector: ours }),
    ]),
  );
  const pods = inform(resources.pod, about(poolKeyOf), { labelSelector: ours });
  const eventsByPod = (object: KubernetesObject): string | undefined => {
    const { uid } = (object as unknown as PodEvent).involvedObject;
    const pod = valuesOf(pods).find(({ metadata }) => metadata.uid === uid);
    return pod && poolKeyOf(pod);
  };
  const events = inform(resources.coreEvent, about(eventsByPod), {
    fieldSelector: 'involvedObject.kind=Pod,reason=FailedCreatePodSandBox',
  });
  const classes = inform(resources.runtimeClass, onAll);
  const bindings = inform(resources.clusterRoleBinding, onPools, {
    fieldSelector: `metadata.name=${clusterRoles.tokenReview}`,
  });

  return cachesOf({ pools, children, pods, events, classes, bindings }, all);
};

const valuesOf = (informers: Informers): readonly KubernetesObject[] =>
  informers.flatMap(({ cache }) => cache.values());

/** A list and a watch bring objects in different orders; what is said of them must not differ. */
const inOrder = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] =>
  objects.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

const find = (
  informers: readonly Informer<KubernetesObject>[],
  key: string,
): KubernetesObject | undefined => {
  for (const { cache } of informers) {
    const object = cache.get(key);
    if (object) return object;
  }
  return undefined;
};

type Informers = readonly Informer<KubernetesObject>[];

interface Watched {
  readonly pools: Informers;
  readonly children: ReadonlyMap<Resource, Informers>;
  readonly pods: Informers;
  readonly events: Informers;
  readonly classes: Informers;
  readonly bindings: Informers;
}

const cachesOf = (watched: Watched, all: Informers): Caches => {
  const { pools, children, pods, events, classes, bindings } = watched;
  return {
    pools: () => valuesOf(pools) as unknown as readonly SandboxPool[],
    pool: (key) => find(pools, key) as SandboxPool | undefined,
    child: (resource, namespace, name) =>
      find(children.get(resource) ?? [], `${namespace}/${name}`),
    pods: (namespace, pool) =>
      inOrder(
        valuesOf(pods).filter(
          ({ metadata }) =>
            metadata.namespace === namespace &&
            metadata.labels?.[labelKeys.pool] === pool &&
            // What happens to a pod that goes says nothing of the pool.
            metadata.deletionTimestamp === undefined,
        ),
      ),
    podEvents: (namespace) =>
      inOrder(
        valuesOf(events).filter(({ metadata }) => metadata.namespace === namespace),
      ) as unknown as readonly PodEvent[],
    runtimeClass: (name) => find(classes, name),
    tokenReview: () => find(bindings, clusterRoles.tokenReview),
    synced: Promise.all(all.map(({ synced }) => synced)),
    hasSynced: () => all.every(({ hasSynced }) => hasSynced),
    stop() {
      for (const informer of all) informer.stop();
    },
  };
};
