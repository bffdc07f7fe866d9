// The conditions of a pool. Pure. Ready: the URL answers for this generation. Progressing: pods are
// being replaced. Degraded: something keeps it from being as it should.

import { sandboxPoolLimits } from '../../contract/limits.ts';
import type { Condition, Reason } from '../../contract/pool/status.ts';
import type { Deployment, Observed } from '../observed.ts';
import type { Resolved } from '../resolve.ts';
import type { Cause } from './causes.ts';

type Verdict = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

const verdict = (
  type: Condition['type'],
  status: Condition['status'],
  reason: Reason,
  message: string,
): Verdict => ({ type, status, reason, message });

/** Every pod is of the present spec and available. */
const isRolledOut = (deployment: Deployment | undefined, replicas: number): boolean => {
  const { status = {}, metadata, spec } = deployment ?? {};
  return (
    metadata !== undefined &&
    spec?.replicas === replicas &&
    status.observedGeneration === metadata.generation &&
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas
  );
};

const readyOf = (
  { runtime, router }: Observed,
  pool: Resolved,
  cause: Cause | undefined,
): Verdict => {
  if (pool.replicas === 0) return verdict('Ready', 'False', 'ScaledToZero', 'replicas is 0');
  const rolledOut = isRolledOut(runtime, pool.replicas) && isRolledOut(router, pool.routerReplicas);
  if (rolledOut) return verdict('Ready', 'True', 'Available', 'the URL answers');
  if (cause) return verdict('Ready', 'False', cause.reason, cause.message);
  const of = (deployment: Deployment | undefined, wished: number): string =>
    `${deployment?.status?.availableReplicas ?? 0} of ${wished}`;
  const message =
    `${of(runtime, pool.replicas)} runtime pods and ` +
    `${of(router, pool.routerReplicas)} router pods are available`;
  return verdict('Ready', 'False', 'NotEnoughReady', message);
};

const progressingOf = (observed: Observed, pool: Resolved, cause: Cause | undefined): Verdict => {
  const { runtime, router } = observed;
  if (isRolledOut(runtime, pool.replicas) && isRolledOut(router, pool.routerReplicas)) {
    return verdict('Progressing', 'False', 'RolledOut', 'all pods are of the present spec');
  }
  if (cause?.reason === 'RolloutStalled') {
    return verdict('Progressing', 'False', 'RolloutStalled', cause.message);
  }
  return verdict('Progressing', 'True', 'Deploying', 'pods are being replaced');
};

const degradedOf = (cause: Cause | undefined): Verdict =>
  cause
    ? verdict('Degraded', 'True', cause.reason, cause.message)
    : verdict('Degraded', 'False', 'AsExpected', 'nothing is wrong');

/** What is observed of a pool whose children may be made. */
export const verdictsOf = (
  observed: Observed,
  pool: Resolved,
  cause: Cause | undefined,
): readonly Verdict[] => [
  readyOf(observed, pool, cause),
  progressingOf(observed, pool, cause),
  degradedOf(cause),
];

/** A pool whose children are left as they are: what serves goes on serving. */
export const blockedVerdicts = (cause: Cause): readonly Verdict[] => [
  verdict('Ready', 'False', cause.reason, cause.message),
  verdict('Progressing', 'False', cause.reason, cause.message),
  verdict('Degraded', 'True', cause.reason, cause.message),
];

/** Conditions from verdicts; a transition is told only when the status flips. */
export const conditionsOf = (
  verdicts: readonly Verdict[],
  before: readonly Condition[],
  generation: number,
  now: string,
): readonly Condition[] =>
  verdicts.map((each) => {
    const known = before.find(({ type }) => type === each.type);
    return {
      ...each,
      message: each.message.slice(0, sandboxPoolLimits.conditionMessageCharsMax),
      observedGeneration: generation,
      lastTransitionTime: known?.status === each.status ? known.lastTransitionTime : now,
    };
  });
