// What every child of a pool has: labels, an owner, and the paths at which nothing foreign may
// stand. Pure.

import { apiVersion, kind, labelsOf, type Component } from '../../contract/pool/names.ts';
import type { KubernetesObject, OwnerReference, Resource } from '../../kubernetes/resource.ts';
import type { Resolved } from '../resolve.ts';

export interface Child {
  readonly resource: Resource;
  readonly object: KubernetesObject & Readonly<Record<string, unknown>>;
  /** As kubernetes/diff.ts takes them. */
  readonly strict: readonly string[];
}

/**
 * Without blockOwnerDeletion: the right to set it would be one more to give, and an API server that
 * checks it (OwnerReferencesPermissionEnforcement) refuses for half a minute after a CRD is new.
 */
export const ownerOf = (pool: { readonly name: string; readonly uid: string }): OwnerReference => ({
  apiVersion,
  kind,
  name: pool.name,
  uid: pool.uid,
  controller: true,
});

export const metadataOf = (
  pool: Pick<Resolved, 'name' | 'namespace'>,
  component: Component,
  name: string,
  owner: OwnerReference,
) => ({
  name,
  namespace: pool.namespace,
  labels: labelsOf(pool.name, component),
  ownerReferences: [owner],
});
