// Who calls a pool in a test: accounts, and the binding that lets them.

import type { TestNamespace } from '../cluster/foreign.ts';

export const account = (namespace: TestNamespace, name: string) => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace },
});

/** Lets accounts of one namespace call the pools of another. */
export const mayExecute = (where: TestNamespace, from: TestNamespace, ...names: string[]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: `callers-of-${from}`, namespace: where },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'paddock-execute' },
  subjects: names.map((name) => ({ kind: 'ServiceAccount', name, namespace: from })),
});
