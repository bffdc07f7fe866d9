// A cache that lags behind the operator's own writes, as long as it likes: the children here are as
// they were before the first edit, whatever was written since.

import test from 'ava';
import type { SandboxPool } from '../../contract/pool/pool.ts';
import { connect } from '../../kubernetes/config.ts';
import { EventRecorder } from '../../kubernetes/events.ts';
import type { KubernetesObject } from '../../kubernetes/resource.ts';
import { reconcile, type Reconciler } from '../../operator/reconcile.ts';
import type { Caches } from '../../operator/watch.ts';
import { Written } from '../../operator/written.ts';
import {
  namespaceObject,
  poolObject,
  startOperatedCluster,
  type OperatedCluster,
} from '../helpers/operated-cluster.ts';
import { configuration } from '../helpers/pools.ts';

const namespace = 'shop';
let cluster: OperatedCluster;

test.before(async () => {
  cluster = await startOperatedCluster();
  await cluster.apply(namespaceObject(namespace));
});

test.after.always(() => cluster.stop());

test('A, B, A: it ends at A, with one change of the Deployment for each edit', async (t) => {
  const client = connect(cluster.plane.kubeconfig);
  const old = new Map<string, KubernetesObject>();
  let pool: SandboxPool;
  const caches: Caches = {
    pools: () => [pool],
    pool: () => pool,
    child: ({ kind }, _, name) => old.get(`${kind} ${name}`),
    pods: () => [],
    podEvents: () => [],
    runtimeClass: () => ({ metadata: { name: 'gvisor' } }),
    tokenReview: () => undefined,
    synced: Promise.resolve(),
    hasSynced: () => true,
    stop: () => undefined,
  };
  const events = new EventRecorder({
    ...{ client, instance: 'test' },
    onFailure: (message) => {
      t.log(message);
    },
  });
  const reconciler: Reconciler = { client, caches, configuration, events, written: new Written() };
  const edit = async (fuel: number): Promise<void> => {
    await cluster.apply(poolObject(namespace, 'plugins', { replicas: 0, limits: { fuel } }));
    pool = (await cluster.get('sbp', namespace, 'plugins')) as unknown as SandboxPool;
    await reconcile(reconciler, `${namespace}/plugins`);
  };
  const runtime = () => cluster.get('deployment', namespace, 'plugins-runtime');
  const router = () => cluster.get('deployment', namespace, 'plugins-router');
  await edit(1_000);
  old.set('Deployment plugins-runtime', await runtime());
  old.set('Deployment plugins-router', await router());
  const generation = (await runtime()).metadata.generation ?? 0;
  await edit(2_000);
  t.true(JSON.stringify(await runtime()).includes('"2000"'));
  await edit(1_000);
  // Any further look, however late the cache, finds nothing to do.
  await reconcile(reconciler, `${namespace}/plugins`);
  const { metadata, spec } = await runtime();
  t.true(JSON.stringify(spec).includes('"1000"'));
  t.is(metadata.generation, generation + 2);
  await client.close();
});
