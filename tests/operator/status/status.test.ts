// What a pool says of itself, from what the API server's objects say.

import test from 'ava';
import type { Condition } from '../../../contract/pool/status.ts';
import type { Deployment, Observed, Pod } from '../../../operator/observed.ts';
import { statusOf } from '../../../operator/status/status.ts';
import { poolOf, resolvedOf } from '../../helpers/pools.ts';

const now = '2026-01-02T03:04:05Z';

const deployment = (replicas: number, more: Partial<Deployment['status']> = {}): Deployment => ({
  metadata: { name: 'x', generation: 4 },
  spec: { replicas },
  status: {
    ...{ observedGeneration: 4, replicas, readyReplicas: replicas, updatedReplicas: replicas },
    availableReplicas: replicas,
    ...more,
  },
});

const whole: Observed = {
  runtime: deployment(1),
  router: deployment(2),
  pods: [],
  podEvents: [],
  runtimeClassExists: true,
};

const conditionsOf = (observed: Partial<Observed>, spec = {}): readonly Condition[] =>
  statusOf(poolOf(spec), resolvedOf(spec), { ...whole, ...observed }, undefined, now).conditions ??
  [];

const inShort = (conditions: readonly Condition[]): readonly string[] =>
  conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

test('all pods there, of this spec, for long enough: Ready', (t) => {
  t.deepEqual(inShort(conditionsOf({})), [
    'Ready=True Available',
    'Progressing=False RolledOut',
    'Degraded=False AsExpected',
  ]);
  for (const { observedGeneration } of conditionsOf({})) t.is(observedGeneration, 3);
});

const deploying: Readonly<Record<string, Partial<Observed>>> = {
  'the Deployment has not been looked at': { runtime: deployment(1, { observedGeneration: 3 }) },
  'a pod is of the spec before': { runtime: deployment(1, { updatedReplicas: 0 }) },
  'a pod of the spec before is left': { runtime: deployment(1, { replicas: 2 }) },
  'no pod is available for long enough': { runtime: deployment(1, { availableReplicas: 0 }) },
  'a router is missing': { router: deployment(2, { availableReplicas: 1 }) },
  'the replicas are of the spec before': { router: deployment(1) },
  'there is no Deployment yet': { runtime: undefined },
};

for (const [what, observed] of Object.entries(deploying)) {
  test(`not Ready: ${what}`, (t) => {
    t.deepEqual(inShort(conditionsOf(observed)), [
      'Ready=False NotEnoughReady',
      'Progressing=True Deploying',
      'Degraded=False AsExpected',
    ]);
  });
}

test('replicas 0 is a wish, not a fault', (t) => {
  const conditions = conditionsOf({ runtime: deployment(0) }, { replicas: 0 });
  t.deepEqual(inShort(conditions), [
    'Ready=False ScaledToZero',
    'Progressing=False RolledOut',
    'Degraded=False AsExpected',
  ]);
});

const refused = (message: string): Partial<Observed> => ({
  runtime: deployment(1, {
    availableReplicas: 0,
    conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }],
  }),
});

const podOf = (status: NonNullable<Pod['status']>): Partial<Observed> => ({
  runtime: deployment(1, { availableReplicas: 0 }),
  pods: [{ metadata: { name: 'p', uid: 'p-1' }, status }],
});

const waiting = (reason: string): Partial<Observed> =>
  podOf({ containerStatuses: [{ state: { waiting: { reason, message: 'because' } } }] });

const causes: Readonly<Record<string, readonly [string, Partial<Observed>]>> = {
  'no RuntimeClass': ['RuntimeClassMissing', { runtimeClassExists: false, runtime: undefined }],
  'a RuntimeClass that admission missed': [
    'RuntimeClassMissing',
    refused('pods "x" is forbidden: pod rejected: RuntimeClass "gvisor" not found'),
  ],
  'a quota': ['QuotaExceeded', refused('pods "x" is forbidden: exceeded quota: q, requested: 1')],
  'Pod Security': ['PodSecurityViolated', refused('violates PodSecurity "restricted:latest": x')],
  'another refusal': ['CreateFailed', refused('no PriorityClass with name x was found')],
  'a wrong image': ['ImagePullFailed', waiting('ImagePullBackOff')],
  'a crash': ['Crashing', waiting('CrashLoopBackOff')],
  'a kernel that is not gVisor': [
    'NotIsolated',
    podOf({
      containerStatuses: [{ lastState: { terminated: { message: 'NOT_IN_GVISOR: 6.8' } } }],
    }),
  ],
  'no handler': [
    'RuntimeHandlerFailed',
    {
      ...podOf({}),
      podEvents: [
        {
          metadata: { name: 'e' },
          involvedObject: { uid: 'p-1' },
          message: 'no runtime for "runsc" is configured',
        },
      ],
    },
  ],
  'no node': [
    'Unschedulable',
    podOf({
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
    }),
  ],
  'no progress': [
    'RolloutStalled',
    {
      runtime: deployment(1, {
        availableReplicas: 0,
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
      }),
    },
  ],
};

for (const [what, [reason, observed]] of Object.entries(causes)) {
  test(`the reason is what is wrong: ${what}`, (t) => {
    const conditions = inShort(conditionsOf(observed));
    t.true(conditions.includes(`Ready=False ${reason}`), conditions.join());
    t.true(conditions.includes(`Degraded=True ${reason}`), conditions.join());
  });
}

test('of a crash its last words are told, not when it is started again', (t) => {
  const backOff = { reason: 'CrashLoopBackOff', message: 'back-off 20s restarting' };
  const state = { waiting: backOff };
  const lastState = { terminated: { reason: 'Error', message: 'no certificates\n' } };
  const messageOf = (status: NonNullable<Pod['status']>) =>
    conditionsOf(podOf(status)).find(({ type }) => type === 'Degraded')?.message;
  t.is(messageOf({ containerStatuses: [{ state, lastState }] }), 'p: no certificates');
  t.is(messageOf({ containerStatuses: [{ state }] }), 'p: back-off 20s restarting');
});

test('an event of a pod that is ready, or of no pod of ours, is old news', (t) => {
  const event = {
    metadata: { name: 'e' },
    involvedObject: { uid: 'p-1' },
    message: 'no runtime for "runsc" is configured',
  };
  const ready = podOf({ conditions: [{ type: 'Ready', status: 'True' }] });
  t.true(
    inShort(conditionsOf({ ...ready, podEvents: [event] })).includes('Degraded=False AsExpected'),
  );
  t.true(inShort(conditionsOf({ podEvents: [event] })).includes('Degraded=False AsExpected'));
});

test('a pool whose children are left alone is not Ready for what it is told now', (t) => {
  const { conditions = [] } = statusOf(
    poolOf(),
    resolvedOf(),
    whole,
    { reason: 'NotAllowed', message: 'image' },
    now,
  );
  t.deepEqual(inShort(conditions), [
    'Ready=False NotAllowed',
    'Progressing=False NotAllowed',
    'Degraded=True NotAllowed',
  ]);
});

test('a transition is told only when the status flips', (t) => {
  const before = '2025-01-01T00:00:00Z';
  const known = (status: 'True' | 'False') => [
    { type: 'Ready', status, reason: 'NotEnoughReady', message: '', lastTransitionTime: before },
  ];
  const at = (status: 'True' | 'False'): string | undefined => {
    const pool = { ...poolOf(), status: { conditions: known(status) as Condition[] } };
    return statusOf(pool, resolvedOf(), whole, undefined, now).conditions?.[0]?.lastTransitionTime;
  };
  t.is(at('True'), before);
  t.is(at('False'), now);
});

test('a message is no longer than the CRD takes', (t) => {
  for (const { message } of conditionsOf(refused('x'.repeat(9_999)))) {
    t.true(message.length <= 1_024);
  }
});
