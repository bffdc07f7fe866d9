// Accounts and rights: the runtime has an account without any, the router may see its members and
// ask who its callers are. The operator binds roles that the chart ships and grants none itself.
// Pure.

import { clusterRoles } from '../../contract/pool/names.ts';
import { resources, type OwnerReference } from '../../kubernetes/resource.ts';
import type { Resolved } from '../resolve.ts';
import { metadataOf, type Child } from './child.ts';

const roleGroup = 'rbac.authorization.k8s.io';

export const serviceAccounts = (pool: Resolved, owner: OwnerReference): readonly Child[] =>
  (['runtime', 'router'] as const).map((component) => ({
    resource: resources.serviceAccount,
    strict: [],
    object: {
      metadata: metadataOf(pool, component, pool.names[component], owner),
      automountServiceAccountToken: false,
    },
  }));

export const routerBinding = (pool: Resolved, owner: OwnerReference): Child => ({
  resource: resources.roleBinding,
  strict: ['subjects', 'roleRef'],
  object: {
    metadata: metadataOf(pool, 'router', pool.names.router, owner),
    roleRef: { apiGroup: roleGroup, kind: 'ClusterRole', name: clusterRoles.router },
    subjects: [{ kind: 'ServiceAccount', name: pool.names.router, namespace: pool.namespace }],
  },
});

/** The one binding of the whole cluster: routers of all pools may have tokens reviewed. */
export const tokenReviewSubjects = (
  pools: readonly { readonly namespace: string; readonly router: string }[],
) =>
  pools
    .map(({ namespace, router: name }) => ({ kind: 'ServiceAccount', name, namespace }))
    .toSorted((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
