// Makes one child be as desired: not at all when it is, by server-side apply when it lacks
// something, by a replacement when somebody added what may not be there.

import type { Client } from '../kubernetes/client.ts';
import { diff, merged } from '../kubernetes/diff.ts';
import { valueOf } from '../kubernetes/failure.ts';
import type { KubernetesObject, OwnerReference } from '../kubernetes/resource.ts';
import type { Child } from './desired/child.ts';
import { isOwnedBy, NotOwned } from './owned.ts';

export type Change = 'none' | 'created' | 'applied' | 'replaced';

/** @param observed what the cache knows. Throws ApiError and NotOwned. */
export const applyChild = async (
  client: Client,
  child: Child,
  observed: KubernetesObject | undefined,
  owner: OwnerReference,
): Promise<Change> => {
  const { resource, object, strict } = child;
  const { name } = object.metadata;
  if (observed && !isOwnedBy(observed, owner)) throw new NotOwned(resource.kind, name);
  if (!observed) {
    // The cache may be behind: an object of another owner must not be taken over by a force-apply.
    const { namespace } = object.metadata;
    const found = await client.get<KubernetesObject>(resource, { namespace, name });
    if (found.ok && !isOwnedBy(found.value, owner)) throw new NotOwned(resource.kind, name);
    valueOf(`apply ${resource.kind} ${name}`, await client.apply(resource, object));
    return found.ok ? 'applied' : 'created';
  }
  const differences = diff(object, observed, strict);
  if (differences.length === 0) return 'none';
  if (differences.some(({ extra }) => extra)) {
    const body = merged(object, observed, strict) as KubernetesObject;
    valueOf(`replace ${resource.kind} ${name}`, await client.replace(resource, body));
    return 'replaced';
  }
  valueOf(`apply ${resource.kind} ${name}`, await client.apply(resource, object));
  return 'applied';
};
