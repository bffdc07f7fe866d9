// The one binding of the whole cluster: the routers of all pools may have tokens reviewed. The
// chart makes it; its subjects are computed from all pools, so that those of one that is gone go.

import { childNames, clusterRoles } from '../contract/pool/names.ts';
import type { Client } from '../kubernetes/client.ts';
import { diff } from '../kubernetes/diff.ts';
import { valueOf } from '../kubernetes/failure.ts';
import { resources, type KubernetesObject } from '../kubernetes/resource.ts';
import { tokenReviewSubjects } from './desired/access.ts';
import type { Caches } from './watch.ts';

/** Replaces the binding's subjects when they differ. Throws ApiError. */
export const ensureTokenReview = async (client: Client, caches: Caches): Promise<void> => {
  const name = clusterRoles.tokenReview;
  const found = caches.tokenReview();
  if (!found) throw new Error(`ClusterRoleBinding ${name} is not there; the chart makes it`);
  const subjects = tokenReviewSubjects(
    caches
      .pools()
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => ({
        namespace: metadata.namespace,
        router: childNames(metadata.name).router,
      })),
  );
  if (diff({ subjects }, found, ['subjects']).length === 0) return;
  const body: KubernetesObject & { readonly subjects: unknown } = { ...found, subjects };
  const answer = await client.replace(resources.clusterRoleBinding, body);
  valueOf(`replace the subjects of ${name}`, answer);
};
