// Every name that a SandboxPool gives to something else: the operator makes the objects, the router
// looks for them, the chart grants rights on them, and all three must spell them alike. Pure.

export const group = 'paddock.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;
export const kind = 'SandboxPool';
export const plural = 'sandboxpools';
/** Name of the CustomResourceDefinition. */
export const crdName = `${plural}.${group}`;

export const fieldManager = 'paddock-operator';
export const leaseName = 'paddock-operator';

/** ClusterRoles that the chart ships under these names; the operator only binds them. */
export const clusterRoles = {
  operator: 'paddock-operator',
  router: 'paddock-router',
  tokenReview: 'paddock-tokenreview',
  execute: 'paddock-execute',
  edit: 'paddock-edit',
  view: 'paddock-view',
} as const;

/** The two kinds of pod that a pool has. */
export type Component = 'runtime' | 'router';

export const labelKeys = {
  name: 'app.kubernetes.io/name',
  managedBy: 'app.kubernetes.io/managed-by',
  component: 'app.kubernetes.io/component',
  pool: `${group}/pool`,
} as const;

/** What tells the pods of one component of one pool from all others in their namespace. */
export const selectorOf = (pool: string, component: Component): Record<string, string> => ({
  [labelKeys.component]: component,
  [labelKeys.pool]: pool,
});

/** The labels of every child. */
export const labelsOf = (pool: string, component: Component): Record<string, string> => ({
  [labelKeys.name]: 'paddock',
  [labelKeys.managedBy]: fieldManager,
  ...selectorOf(pool, component),
});

/** Names of a pool's children in its namespace; a kind that is not named here has one of each. */
export const childNames = (pool: string) =>
  ({
    runtime: `${pool}-runtime`,
    router: `${pool}-router`,
    /** The Service that callers use. */
    service: pool,
    runtimeTls: `${pool}-runtime-tls`,
    routerTls: `${pool}-router-tls`,
  }) as const;

/** Ports of the pods. The probes' port also serves /metrics, and nothing that evaluates. */
export const ports = { service: 80, router: 8080, runtime: 8443, probe: 8081 } as const;

/** Where callers inside the cluster find the pool. */
export const urlOf = (pool: string, namespace: string): string => `http://${pool}.${namespace}.svc`;

/** The audience that a caller's token must be made for. */
export const audienceOf = (pool: string, namespace: string): string =>
  `${pool}.${namespace}.${crdName}`;

/** Name in the runtime's certificate: the same for all pods of a pool, whatever their address. */
export const runtimeServerName = (pool: string, namespace: string): string =>
  `runtime.${pool}.${namespace}.${group}`;

/** URI in the router's certificate: a runtime serves nobody else. */
export const routerIdentity = (pool: string, namespace: string): string =>
  `spiffe://${group}/ns/${namespace}/pool/${pool}/router`;
