// The whole status of a pool, computed once from what was observed. Pure.

import { audienceOf, selectorOf, urlOf } from '../../contract/pool/names.ts';
import type { SandboxPool } from '../../contract/pool/pool.ts';
import type { SandboxPoolStatus } from '../../contract/pool/status.ts';
import type { Observed } from '../observed.ts';
import type { Resolved } from '../resolve.ts';
import { causeOf, type Cause } from './causes.ts';
import { blockedVerdicts, conditionsOf, verdictsOf } from './conditions.ts';

const selector = (pool: string): string =>
  Object.entries(selectorOf(pool, 'runtime'))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

/** @param blocked why the children are left as they are @param now RFC 3339 */
export const statusOf = (
  pool: SandboxPool,
  resolved: Resolved,
  observed: Observed,
  blocked: Cause | undefined,
  now: string,
): SandboxPoolStatus => {
  const { name, namespace, generation } = pool.metadata;
  const { status = {} } = observed.runtime ?? {};
  const verdicts = blocked
    ? blockedVerdicts(blocked)
    : verdictsOf(observed, resolved, causeOf(observed, resolved));
  return {
    observedGeneration: generation,
    replicas: status.replicas ?? 0,
    ready: status.readyReplicas ?? 0,
    updated: status.updatedReplicas ?? 0,
    selector: selector(name),
    url: urlOf(name, namespace),
    audience: audienceOf(name, namespace),
    image: resolved.image,
    resources: resolved.resources,
    conditions: [...conditionsOf(verdicts, pool.status?.conditions ?? [], generation, now)],
  };
};
