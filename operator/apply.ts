// Makes one child be as desired: not at all when it is, by creation when it is not there, by
// server-side apply when it lacks something, by a replacement when somebody added what may not be
// there.

import { fieldManager } from '../contract/pool/names.ts';
import type { Client } from '../kubernetes/client.ts';
import { diff, merged } from '../kubernetes/diff.ts';
import { isConflict, valueOf } from '../kubernetes/failure.ts';
import { pathOf, type KubernetesObject, type OwnerReference } from '../kubernetes/resource.ts';
import type { Child } from './desired/child.ts';
import { isOwnedBy, NotOwned } from './owned.ts';

export interface Applied {
  readonly change: 'none' | 'created' | 'applied' | 'replaced';
  /** The child as the API server has it now. */
  readonly object: KubernetesObject;
}

const apply = async (client: Client, { resource, object }: Child): Promise<Applied> => {
  const doing = `apply ${resource.kind} ${object.metadata.name}`;
  const answer = await client.apply<KubernetesObject>(resource, object);
  return { change: 'applied', object: valueOf(doing, answer) };
};

/**
 * The cache knows of no such child, and may be behind or not see what bears no label of ours. A
 * creation is refused when something is there; an apply would take it over.
 */
const create = async (client: Client, child: Child, owner: OwnerReference): Promise<Applied> => {
  const { resource, object } = child;
  const { name, namespace } = object.metadata;
  const created = await client.send<KubernetesObject>({
    method: 'POST',
    path: pathOf(resource, { namespace }),
    query: { fieldManager },
    body: { apiVersion: resource.apiVersion, kind: resource.kind, ...object },
  });
  if (created.ok) return { change: 'created', object: created.value };
  if (!isConflict(created.failure)) valueOf(`create ${resource.kind} ${name}`, created);
  const there = await client.get<KubernetesObject>(resource, { namespace, name });
  const found = valueOf(`get ${resource.kind} ${name}`, there);
  if (!isOwnedBy(found, owner)) throw new NotOwned(resource.kind, name);
  return apply(client, child);
};

/** @param observed what is known of it. Throws ApiError and NotOwned. */
export const applyChild = async (
  client: Client,
  child: Child,
  observed: KubernetesObject | undefined,
  owner: OwnerReference,
): Promise<Applied> => {
  const { resource, object, strict } = child;
  const { name } = object.metadata;
  if (!observed) return create(client, child, owner);
  if (!isOwnedBy(observed, owner)) throw new NotOwned(resource.kind, name);
  const differences = diff(object, observed, strict);
  if (differences.length === 0) return { change: 'none', object: observed };
  if (!differences.some(({ extra }) => extra)) return apply(client, child);
  const body = merged(object, observed, strict) as KubernetesObject;
  const answer = await client.replace<KubernetesObject>(resource, body);
  return { change: 'replaced', object: valueOf(`replace ${resource.kind} ${name}`, answer) };
};
