// Why a pool is not as it should be, from the objects that know: the first that applies, the most
// telling first. Pure.

import type { Reason } from '../../contract/pool/status.ts';
import type { ConditionObject, Observed, Pod } from '../observed.ts';
import type { Resolved } from '../resolve.ts';

export interface Cause {
  readonly reason: Reason;
  readonly message: string;
}

type Find = (observed: Observed, pool: Resolved) => Cause | undefined;

const conditionOf = (
  conditions: readonly ConditionObject[] | undefined,
  type: string,
): ConditionObject | undefined => conditions?.find((each) => each.type === type);

const runtimeClassMissing: Find = ({ runtimeClassExists }, { runtimeClassName, replicas }) =>
  runtimeClassExists || replicas === 0
    ? undefined
    : {
        reason: 'RuntimeClassMissing',
        message:
          `the cluster has no RuntimeClass ${runtimeClassName}: ` +
          'install gVisor, or set runtimeClassName',
      };

/** Pods that the API server refused, by what it said. */
const createFailed: Find = ({ runtime, router }) => {
  for (const deployment of [runtime, router]) {
    const failure = conditionOf(deployment?.status?.conditions, 'ReplicaFailure');
    if (failure?.status !== 'True') continue;
    const message = failure.message ?? '';
    if (message.includes('exceeded quota')) return { reason: 'QuotaExceeded', message };
    if (message.includes('violates PodSecurity')) return { reason: 'PodSecurityViolated', message };
    if (/RuntimeClass .*not found/.test(message)) return { reason: 'RuntimeClassMissing', message };
    return { reason: 'CreateFailed', message };
  }
  return undefined;
};

const statesOf = ({ status }: Pod) =>
  (status?.containerStatuses ?? []).flatMap(({ state = {}, lastState = {} }) => [state, lastState]);

/** What the runtime says when it finds itself outside of gVisor; see cli/gvisor.ts. */
const notIsolated: Find = ({ pods }) => {
  const message = pods
    .flatMap(statesOf)
    .map(({ terminated }) => terminated?.message ?? '')
    .find((text) => text.includes('NOT_IN_GVISOR'));
  return message === undefined ? undefined : { reason: 'NotIsolated', message: message.trim() };
};

const pullReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
]);

const waitingFor =
  (reason: Reason, matches: (why: string) => boolean): Find =>
  ({ pods }) => {
    for (const pod of pods) {
      const waiting = statesOf(pod)
        .map((state) => state.waiting)
        .find((each) => matches(each?.reason ?? ''));
      if (!waiting) continue;
      return {
        reason,
        message: `${pod.metadata.name}: ${waiting.message ?? waiting.reason ?? ''}`,
      };
    }
    return undefined;
  };

const imagePullFailed = waitingFor('ImagePullFailed', (why) => pullReasons.has(why));
const crashReasons = new Set([
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'RunContainerError',
]);

/** Its last words, which say more than when it is started again, and change less often. */
const crashing: Find = (observed, pool) => {
  const cause = waitingFor('Crashing', (why) => crashReasons.has(why))(observed, pool);
  const crashed = observed.pods.find((pod) => cause?.message.startsWith(`${pod.metadata.name}: `));
  const words = (crashed ? statesOf(crashed) : [])
    .map(({ terminated }) => terminated?.message?.trim() ?? '')
    .find((text) => text !== '');
  return cause && crashed && words !== undefined
    ? { ...cause, message: `${crashed.metadata.name}: ${words}` }
    : cause;
};

/** A container that has not started, and an event that names the handler. */
const handlerFailed: Find = ({ pods, podEvents }) => {
  const starting = new Set(
    pods
      .filter(({ status }) => conditionOf(status?.conditions, 'Ready')?.status !== 'True')
      .map(({ metadata }) => metadata.uid),
  );
  const event = podEvents.find(
    ({ involvedObject, message = '' }) =>
      starting.has(involvedObject.uid) && /runtime handler|no runtime for/i.test(message),
  );
  return event && { reason: 'RuntimeHandlerFailed', message: event.message ?? '' };
};

const unschedulable: Find = ({ pods }) => {
  for (const { metadata, status } of pods) {
    const scheduled = conditionOf(status?.conditions, 'PodScheduled');
    if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
      return { reason: 'Unschedulable', message: `${metadata.name}: ${scheduled.message ?? ''}` };
    }
  }
  return undefined;
};

const stalled: Find = ({ runtime, router }) => {
  for (const deployment of [runtime, router]) {
    const progressing = conditionOf(deployment?.status?.conditions, 'Progressing');
    if (progressing?.status === 'False') {
      return { reason: 'RolloutStalled', message: progressing.message ?? '' };
    }
  }
  return undefined;
};

const finders: readonly Find[] = [
  runtimeClassMissing,
  createFailed,
  notIsolated,
  imagePullFailed,
  handlerFailed,
  crashing,
  unschedulable,
  stalled,
];

export const causeOf = (observed: Observed, pool: Resolved): Cause | undefined => {
  for (const find of finders) {
    const cause = find(observed, pool);
    if (cause) return cause;
  }
  return undefined;
};
