// Each thing that can be wrong with a pool, by its real cause on a real node: the condition names
// it, and what served goes on serving.

import test from 'ava';
import { madeByTests, type TestNamespace } from '../cluster/foreign.ts';
import {
  installCluster,
  restrictedNamespace,
  type Condition,
  type InstalledCluster,
} from '../helpers/installed-cluster.ts';

const namespace = 'shop';

let cluster: InstalledCluster;

const pool = (name: string, spec: object, where: TestNamespace = namespace) => ({
  apiVersion: 'paddock.dev/v1alpha1',
  kind: 'SandboxPool',
  metadata: { name, namespace: where },
  spec: { replicas: 1, router: { replicas: 1 }, ...spec },
});

const runtimeClass = (name: string, handler: string) => ({
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name, labels: madeByTests },
  handler,
});

const degraded = (name: string, reason: string, where = namespace): Promise<Condition> =>
  cluster.until(`${name} is ${reason}`, async () => {
    const condition = await cluster.condition(name, where, 'Degraded');
    return condition.reason === reason && condition;
  });

test.before(async () => {
  cluster = await installCluster(({ router }) => [
    'allowed.runtimeClasses={gvisor,gvisor-in-name-only,gvisor-without-handler,gvisor-nowhere}',
    `allowed.imagePrefixes={${router.replace(/router:.*$/, '')}}`,
  ]);
  await cluster.apply(
    // What a cluster looks like whose gvisor is none: the product has to notice.
    runtimeClass('gvisor-in-name-only', 'runc'),
    // A handler that no node has.
    runtimeClass('gvisor-without-handler', 'missing'),
  );
  await cluster.apply(restrictedNamespace(namespace), restrictedNamespace('small'), {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'small', namespace: 'small' },
    spec: { hard: { pods: '0' } },
  });
});

test.after.always(() => cluster.stop());

test.serial('NotIsolated: a runtime class that is gVisor in name only', async (t) => {
  await cluster.apply(pool('fake', { runtimeClassName: 'gvisor-in-name-only' }));
  const { message = '' } = await degraded('fake', 'NotIsolated');
  t.regex(message, /NOT_IN_GVISOR/);
  t.is((await cluster.condition('fake', namespace, 'Ready')).status, 'False');
});

test.serial('RuntimeHandlerFailed: a runtime class whose handler the node lacks', async (t) => {
  await cluster.apply(pool('handler', { runtimeClassName: 'gvisor-without-handler' }));
  const { message = '' } = await degraded('handler', 'RuntimeHandlerFailed');
  t.regex(message, /missing/);
});

test.serial('RuntimeClassMissing: a runtime class that the cluster lacks', async (t) => {
  await cluster.apply(pool('class', { runtimeClassName: 'gvisor-nowhere' }));
  const { message = '' } = await degraded('class', 'RuntimeClassMissing');
  t.regex(message, /gvisor-nowhere/);
});

test.serial('QuotaExceeded: a namespace without room', async (t) => {
  await cluster.apply(pool('crowded', {}, 'small'));
  const { message = '' } = await degraded('crowded', 'QuotaExceeded', 'small');
  t.regex(message, /exceeded quota/);
});

test.serial('Unschedulable: nodes with labels that none has', async (t) => {
  await cluster.apply(pool('nowhere', { scheduling: { nodeSelector: { moon: 'dark' } } }));
  const { message = '' } = await degraded('nowhere', 'Unschedulable');
  t.regex(message, /node/);
});

test.serial('NotAllowed: an image, class or priority that the chart does not list', async (t) => {
  await cluster.apply(pool('greedy', { image: 'example.com/mine:1', runtimeClassName: 'runc' }));
  const { message = '' } = await degraded('greedy', 'NotAllowed');
  t.regex(message, /image.*runtimeClassName/);
  const children = await cluster.kubectl('-n', namespace, 'get', 'deploy,svc,sa', '-o', 'name');
  t.false(children.includes('greedy'));
});

test.serial('Crashing: an image that is allowed, and wrong: it cannot serve', async (t) => {
  await cluster.apply(pool('broken', { image: cluster.images.router }));
  const { message = '' } = await degraded('broken', 'Crashing');
  t.regex(message, /this image does not have this verb/);
  t.is((await cluster.condition('broken', namespace, 'Ready')).reason, 'Crashing');
});

test.serial('Available, RolledOut, AsExpected: a pool whose pods all run', async (t) => {
  await cluster.apply(pool('steady', {}));
  await cluster.until('steady is Ready', async () => {
    return (await cluster.condition('steady', namespace, 'Ready')).status === 'True';
  });
  for (const [type, expected] of [
    ['Ready', { status: 'True', reason: 'Available' }],
    ['Progressing', { status: 'False', reason: 'RolledOut' }],
    ['Degraded', { status: 'False', reason: 'AsExpected' }],
  ] as const) {
    t.like(await cluster.condition('steady', namespace, type), expected);
  }
});

test.serial('ImagePullFailed: the old pods stay and serve', async (t) => {
  const image = `${cluster.images.runtime}-never-built`;
  await cluster.apply(pool('steady', { image, imagePullPolicy: 'Never' }));
  const { message = '' } = await degraded('steady', 'ImagePullFailed');
  t.regex(message, /never-built/);
  const path = 'jsonpath={.status.ready} {.status.updated}';
  const counts = await cluster.kubectl('-n', namespace, 'get', 'sbp', 'steady', '-o', path);
  t.is(counts, '1 1');
  t.is((await cluster.condition('steady', namespace, 'Ready')).reason, 'ImagePullFailed');
  await cluster.apply(pool('steady', { image: null, imagePullPolicy: null }));
  await cluster.until('steady has recovered', async () => {
    const { status, reason } = await cluster.condition('steady', namespace, 'Degraded');
    const ready = await cluster.condition('steady', namespace, 'Ready');
    return status === 'False' && reason === 'AsExpected' && ready.status === 'True';
  });
});
