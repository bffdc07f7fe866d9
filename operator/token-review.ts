// The one binding of the whole cluster: the routers of all pools may have tokens reviewed. The chart
// makes it; its subjects are computed anew from all pools, so that those of a pool that is gone go.

import { childNames, clusterRoles } from '../contract/pool/names.ts';
import type { Client } from '../kubernetes/client.ts';
import { diff } from '../kubernetes/diff.ts';
import { isNotFound, valueOf } from '../kubernetes/failure.ts';
import { resources, type KubernetesObject } from '../kubernetes/resource.ts';
import { tokenReviewSubjects } from './desired/access.ts';
import type { Caches } from './watch.ts';

interface Binding extends KubernetesObject {
  readonly subjects?: readonly object[];
}

/** Reads the binding and replaces its subjects when they differ. Throws ApiError. */
export const ensureTokenReview = async (client: Client, caches: Caches): Promise<void> => {
  const name = clusterRoles.tokenReview;
  const subjects = tokenReviewSubjects(
    caches
      .pools()
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => ({
        namespace: metadata.namespace,
        router: childNames(metadata.name).router,
      })),
  );
  const doing = `read ClusterRoleBinding ${name}`;
  const answer = await client.get<Binding>(resources.clusterRoleBinding, { name });
  if (!answer.ok && isNotFound(answer.failure)) {
    throw new Error(`${doing}: it is not there; the chart makes it`);
  }
  const found = valueOf(doing, answer);
  if (diff({ subjects }, found, ['subjects']).length === 0) return;
  valueOf(
    `replace the subjects of ${name}`,
    await client.replace(resources.clusterRoleBinding, { ...found, subjects } as Binding),
  );
};
