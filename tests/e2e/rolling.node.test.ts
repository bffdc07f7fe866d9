// Every pod of a pool is replaced under load, runtimes and routers, and no request fails: calls
// without retries, over connections kept and made anew, while the image, the limits and the
// resources change.

import test from 'ava';
import {
  installCluster,
  restrictedNamespace,
  type InstalledCluster,
} from '../helpers/installed-cluster.ts';
import { startLoad } from '../helpers/load.ts';

const audience = 'plugins.shop.sandboxpools.paddock.dev';
const callsMin = 3_000;

let cluster: InstalledCluster;

const pool = (spec: object) => ({
  apiVersion: 'paddock.dev/v1alpha1',
  kind: 'SandboxPool',
  metadata: { name: 'plugins', namespace: 'shop' },
  spec: { replicas: 2, ...spec },
});

/** The pool answers for its present generation. */
const rolledOut = () =>
  cluster.until('the pool is Ready for its present generation', async () => {
    const path = 'jsonpath={.metadata.generation}';
    const generation = await cluster.kubectl('-n', 'shop', 'get', 'sbp', 'plugins', '-o', path);
    const { status, observedGeneration } = await cluster.condition('plugins', 'shop', 'Ready');
    return status === 'True' && String(observedGeneration) === generation;
  });

test.before(async () => {
  cluster = await installCluster();
  const { apply } = cluster;
  await apply(restrictedNamespace('shop'), restrictedNamespace('customer'), pool({}), {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'client', namespace: 'customer' },
  });
  await apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'client', namespace: 'shop' },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'paddock-execute',
    },
    subjects: [{ kind: 'ServiceAccount', name: 'client', namespace: 'customer' }],
  });
  await rolledOut();
});

test.after.always(() => cluster.stop());

test('image, limits, resources and routers change under load, and no request fails', async (t) => {
  const { apply, images, kubectl } = cluster;
  const create = ['-n', 'customer', 'create', 'token', 'client', `--audience=${audience}`];
  const token = (await kubectl(...create)).trim();
  const path = 'jsonpath={.spec.clusterIP}';
  const address = await kubectl('-n', 'shop', 'get', 'service', 'plugins', '-o', path);
  const url = `http://${address}/execute`;
  const load = await startLoad(cluster, { url, token, sandboxes: 20, loose: 10, everyMs: 250 });
  const image = images.runtimeAgain;
  const steps = [
    { image },
    { image, limits: { memory: '32Mi' } },
    { image, limits: { memory: '32Mi' }, resources: { limits: { memory: '1200Mi' } } },
    {
      ...{ image, limits: { memory: '32Mi' }, resources: { limits: { memory: '1200Mi' } } },
      router: { resources: { limits: { memory: '600Mi' } } },
    },
  ];
  for (const spec of steps) {
    await apply(pool(spec));
    await rolledOut();
  }
  const { sent, counts, skips, last } = await load.stop();
  t.deepEqual(counts, { 200: sent }, last);
  t.deepEqual(skips, []);
  t.true(sent >= callsMin, `${sent} calls`);
});
