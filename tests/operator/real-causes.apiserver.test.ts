// What others do to a pool on a real control plane: an autoscaler that scales it, a mesh that makes
// its pods break Pod Security, a kubelet that starts nothing. And then: silence.

import test from 'ava';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { operatorLimits, sandboxPoolLimits } from '../../contract/limits.ts';
import { onOurs, oursOf } from '../cluster/cluster.ts';
import { silenceFor, writesOf } from '../helpers/audit.ts';
import {
  namespaceObject,
  poolObject,
  startOperatedCluster,
  systemNamespace,
  type OperatedCluster,
} from '../helpers/operated-cluster.ts';

const account = `system:serviceaccount:${systemNamespace}:paddock-operator`;
const autoscaler = 'system:serviceaccount:kube-system:horizontal-pod-autoscaler';
let cluster: OperatedCluster;
let operator: ReturnType<OperatedCluster['operator']> | undefined;
let mesh: Server | undefined;
const withoutNodes = onOurs(test.serial, 'no node that starts pods');

const startOperator = async (): Promise<void> => {
  operator = cluster.operator(await cluster.operatorKubeconfig());
};

/** The condition Degraded once it has this reason. */
const degraded = (namespace: string, pool: string, reason: string) =>
  cluster.until(`${pool} is ${reason}`, async () => {
    const condition = await cluster.condition(namespace, pool, 'Degraded');
    return condition.reason === reason && condition;
  });

const madeFor = (namespace: string, pool: string): Promise<unknown> =>
  cluster.until(`${pool} has its children`, () =>
    cluster.get('deployment', namespace, `${pool}-router`).catch(() => undefined),
  );

test.before(async () => {
  cluster = await startOperatedCluster();
  await cluster.apply(namespaceObject('shop'), namespaceObject('meshed'));
  await startOperator();
});

test.after.always(async () => {
  await operator?.stop();
  mesh?.close();
  await cluster.stop();
});

const autoscale = (minReplicas: number, maxReplicas: number) => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'plugins', namespace: 'shop' },
  spec: {
    scaleTargetRef: { apiVersion: 'paddock.dev/v1alpha1', kind: 'SandboxPool', name: 'plugins' },
    ...{ minReplicas, maxReplicas },
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
      },
    ],
  },
});

test.serial('a HorizontalPodAutoscaler scales a pool up and down, within its bounds', async (t) => {
  await cluster.apply(poolObject('shop', 'plugins', { replicas: 1 }));
  await madeFor('shop', 'plugins');
  const replicas = async (kind: string, name: string): Promise<unknown> =>
    ((await cluster.get(kind, 'shop', name))['spec'] as { replicas?: number }).replicas;
  for (const [min, max, expected] of [
    [3, 5, 3],
    [1, 2, 2],
  ] as const) {
    await cluster.apply(autoscale(min, max));
    await cluster.until(`${expected} replicas`, async () => {
      return (await replicas('deployment', 'plugins-runtime')) === expected;
    });
    t.is(await replicas('sbp', 'plugins'), expected);
  }
  if (cluster.plane.ours === undefined) return;
  const scaled = (await cluster.audited()).filter(
    ({ user, verb, resource }) =>
      user === autoscaler && verb === 'update' && resource === 'paddock.dev/sandboxpools/scale',
  );
  t.deepEqual(
    scaled.map(({ code }) => code),
    [200, 200],
  );
});

/** As a service mesh does it: an init container that rewrites the pod's network. */
const injection = [
  {
    op: 'add',
    path: '/spec/initContainers',
    value: [
      {
        ...{ name: 'mesh', image: 'mesh:1' },
        securityContext: { capabilities: { add: ['NET_ADMIN'] } },
      },
    ],
  },
];

const startMesh = async (): Promise<number> => {
  const { authority } = oursOf(cluster.plane).pki;
  const pair = await authority.issue({ user: 'mesh', use: 'server', ip: ['127.0.0.1'] });
  const server = createServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const { uid } = (JSON.parse(text) as { request: { uid: string } }).request;
      const patch = Buffer.from(JSON.stringify(injection)).toString('base64');
      const answer = { uid, allowed: true, patchType: 'JSONPatch', patch };
      const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ...review, response: answer }));
    });
  });
  mesh = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

onOurs(test.serial, 'an API server that reaches this machine')(
  'PodSecurityViolated: a webhook adds what the namespace forbids',
  async (t) => {
    const port = await startMesh();
    const ca = Buffer.from(oursOf(cluster.plane).pki.authority.certificate).toString('base64');
    await cluster.apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'mesh' },
      webhooks: [
        {
          name: 'inject.mesh.example',
          clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: ca },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'meshed' } },
          rules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
          ],
          ...{ sideEffects: 'None', admissionReviewVersions: ['v1'] },
        },
      ],
    });
    await cluster.apply(poolObject('meshed', 'violating'));
    const { message = '' } = await degraded('meshed', 'violating', 'PodSecurityViolated');
    t.regex(message, /violates PodSecurity "restricted.*NET_ADMIN/);
    t.is((await cluster.condition('meshed', 'violating', 'Ready')).reason, 'PodSecurityViolated');
  },
);

test.serial('CreateFailed: a LimitRange that none of its pods keeps to', async (t) => {
  await cluster.apply(namespaceObject('narrow'), {
    ...{ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'narrow', namespace: 'narrow' } },
    spec: { limits: [{ type: 'Container', max: { memory: '1Mi' } }] },
  });
  await cluster.apply(poolObject('narrow', 'wide'));
  const { message = '' } = await degraded('narrow', 'wide', 'CreateFailed');
  t.regex(message, /maximum memory usage per Container is 1Mi/);
});

test.serial('ScaledToZero: a pool of no replicas', async (t) => {
  await cluster.apply(poolObject('shop', 'none', { replicas: 0 }));
  const ready = await cluster.until('it is said', async () => {
    const condition = await cluster.condition('shop', 'none', 'Ready');
    return condition.reason !== undefined && condition;
  });
  t.like(ready, { status: 'False', reason: 'ScaledToZero' });
});

test.serial('InvalidSpec: stored under another version of the CRD', async (t) => {
  const { replicasMax } = sandboxPoolLimits;
  const properties = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties';
  const allow = (value: number): Promise<string> => {
    const patch = [{ op: 'replace', path: `${properties}/replicas/maximum`, value }];
    return cluster.kubectl(
      ...['patch', 'crd', 'sandboxpools.paddock.dev', '--type=json', '-p', JSON.stringify(patch)],
    );
  };
  await allow(replicasMax * 10);
  // The API server takes a moment to follow.
  await cluster.until('it is stored', () =>
    cluster.apply(poolObject('shop', 'invalid', { replicas: replicasMax + 1 })).then(
      () => true,
      () => false,
    ),
  );
  await allow(replicasMax);
  const { message = '' } = await degraded('shop', 'invalid', 'InvalidSpec');
  t.regex(message, /replicas/);
  const made = cluster.get('deployment', 'shop', 'invalid-router');
  await t.throwsAsync(made, { message: /not found/ });
});

/** A node that takes pods and starts none. */
const joinDeafNode = async (): Promise<void> => {
  await cluster.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'deaf' } });
  const room = { cpu: '64', memory: '256Gi', pods: '100' };
  const ready = { type: 'Ready', status: 'True', reason: 'Test', message: '' };
  const status = { conditions: [ready], capacity: room, allocatable: room };
  await cluster.kubectl(
    ...['patch', 'node', 'deaf', '--subresource=status', '--type=merge', '-p'],
    JSON.stringify({ status }),
  );
};

withoutNodes('NotEnoughReady, Deploying: pods that have a node and are on their way', async (t) => {
  await joinDeafNode();
  await cluster.apply(poolObject('shop', 'stalled'));
  await madeFor('shop', 'stalled');
  const ready = await cluster.until('the pods have a node', async () => {
    const condition = await cluster.condition('shop', 'stalled', 'Ready');
    return condition.reason === 'NotEnoughReady' && condition;
  });
  t.is(ready.message, '0 of 1 runtime pods and 0 of 2 router pods are available');
  const progressing = await cluster.condition('shop', 'stalled', 'Progressing');
  t.like(progressing, { status: 'True', reason: 'Deploying' });
});

withoutNodes('RolloutStalled: a node that takes pods and starts none', async (t) => {
  // The operator would put the deadline back: nobody is to wait for two minutes here.
  await operator?.stop();
  const soon = '{"spec":{"progressDeadlineSeconds":4}}';
  await cluster.kubectl('-n', 'shop', 'patch', 'deployment', 'stalled-runtime', '-p', soon);
  await cluster.until('the controller gives up', async () => {
    const { status: found } = await cluster.get('deployment', 'shop', 'stalled-runtime');
    const { conditions = [] } = found as { conditions?: readonly { reason?: string }[] };
    return conditions.some(({ reason }) => reason === 'ProgressDeadlineExceeded');
  });
  await startOperator();
  const { message = '' } = await degraded('shop', 'stalled', 'RolloutStalled');
  t.regex(message, /has timed out progressing/);
});

onOurs(test.serial, 'the audit log')(
  'steady state: nothing is written, in whatever state a pool is',
  async (t) => {
    await cluster.apply(poolObject('shop', 'greedy', { image: 'elsewhere.example/mine:1' }));
    await degraded('shop', 'greedy', 'NotAllowed');
    const writes = async () => writesOf(await cluster.audited(), account);
    let count = -1;
    await cluster.until('everything is said', async () => {
      const before = count;
      count = (await writes()).length;
      await sleep(1_000);
      return count === before;
    });
    // Longer than the time after which a pool that is refused is looked at again.
    const silenceMs = Math.max(silenceFor(), operatorLimits.refusedMs + 5_000);
    t.timeout(silenceMs + 60_000);
    await sleep(silenceMs);
    t.deepEqual((await writes()).slice(count), []);
    t.log(`no write in ${Math.round(silenceMs / 1000)} s`);
    const renewals = (await cluster.audited()).filter(
      ({ user, resource }) => user === account && resource === 'coordination.k8s.io/leases',
    );
    t.true(renewals.length > 0, 'the log has what this account does');
  },
);
