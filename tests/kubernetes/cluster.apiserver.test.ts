// Client, informer, lease and events on a real API server that is killed, comes back, and changes
// things while nobody listens.

import test from 'ava';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../kubernetes/config.ts';
import { WriteRefused, type Client } from '../../kubernetes/client.ts';
import { EventRecorder } from '../../kubernetes/events.ts';
import { isNotFound } from '../../kubernetes/failure.ts';
import { Informer } from '../../kubernetes/informer.ts';
import { Lease } from '../../kubernetes/lease.ts';
import { watcherOf, queueWatcherOf } from '../../kubernetes/metrics.ts';
import { resources } from '../../kubernetes/resource.ts';
import { createRegistry } from '../../telemetry/metrics.ts';
import { onOurs, oursOf, startCluster, type Cluster } from '../cluster/cluster.ts';

const namespace = 'shop';
const namespaces = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };
let plane: Cluster;
let client: Client;
let others: Client;

const account = (name: string) => ({ metadata: { name, namespace } });

test.before(async () => {
  plane = await startCluster();
  client = connect(plane.kubeconfig);
  others = connect(plane.kubeconfig);
  await client.create(namespaces, undefined, { metadata: { name: namespace } });
});

test.after.always(async () => {
  await client.close();
  await others.close();
  await plane.stop();
});

const until = async (check: () => boolean): Promise<void> => {
  const deadline = performance.now() + 60_000;
  while (!check()) {
    if (performance.now() > deadline) throw new Error('not within a minute');
    await sleep(20);
  }
};

test.serial('what is not there, or was changed meanwhile, is data', async (t) => {
  const place = { namespace, name: 'nobody' };
  const missing = await client.get(resources.serviceAccount, place);
  t.true(!missing.ok && isNotFound(missing.failure));
  await client.apply(resources.serviceAccount, account('twice'));
  const again = await client.create(resources.serviceAccount, namespace, account('twice'));
  t.like(again, { ok: false, failure: { code: 409, reason: 'AlreadyExists' } });
});

onOurs(test.serial, 'an API server that may be killed')(
  'an informer misses nothing while the API server is killed and comes back',
  async (t) => {
    const names: string[] = [];
    const registry = createRegistry();
    let restarts = 0;
    const informer = new Informer({
      client,
      scope: { resource: resources.serviceAccount, namespace },
      onChange({ before, after }) {
        names.push(`${before ? '-' : '+'}${(after ?? before)?.metadata.name ?? ''}`);
      },
      onFault: (error) => t.fail(String(error)),
      watcher: watcherOf(registry, () => {
        restarts += 1;
      }),
    });
    await informer.synced;
    await others.create(resources.serviceAccount, namespace, account('before'));
    await until(() => names.includes('+before'));
    await oursOf(plane).stopApiServer();
    await until(() => restarts > 0);
    await oursOf(plane).startApiServer();
    await others.create(resources.serviceAccount, namespace, account('after'));
    await until(() => names.includes('+after'));
    const uid = informer.cache.get(`${namespace}/before`)?.metadata.uid ?? '';
    await others.delete(resources.serviceAccount, { namespace, name: 'before' }, uid);
    await until(() => informer.cache.get(`${namespace}/before`) === undefined);
    t.true(names.filter((name) => name === '+after').length === 1);
    t.regex(
      await registry.metrics(),
      /informer_restarts_total\{resource="serviceaccounts"\} [1-9]/,
    );
    informer.stop();
  },
);

test.serial('a handler that throws is told on, and the informer goes on', async (t) => {
  const faults: unknown[] = [];
  const informer = new Informer({
    client,
    scope: { resource: resources.serviceAccount, namespace },
    onChange: () => {
      throw new Error('a bug');
    },
    onFault: (error) => faults.push(error),
    watcher: watcherOf(createRegistry(), () => undefined),
  });
  await informer.synced;
  await others.create(resources.serviceAccount, namespace, account('thrown'));
  await until(() => informer.cache.get(`${namespace}/thrown`) !== undefined);
  t.true(faults.length > 1);
  informer.stop();
});

test.serial('a lease goes to the next at once when it is given back', async (t) => {
  const events: string[] = [];
  const hold = (identity: string) =>
    new Lease({
      client: others,
      namespace,
      name: 'held',
      identity,
      onAcquired: () => events.push(`${identity} leads`),
      onLost: (why) => events.push(`${identity} lost it: ${why}`),
    });
  const first = hold('first');
  await until(() => first.isHeld);
  t.notThrows(first.fence);
  const second = hold('second');
  await sleep(100);
  t.false(second.isHeld);
  t.throws(second.fence, { instanceOf: WriteRefused });
  await first.release();
  t.throws(first.fence, { instanceOf: WriteRefused });
  await until(() => second.isHeld);
  t.deepEqual(events, ['first leads', 'second leads']);
  await second.release();
});

test.serial('a fenced client reads, and writes nothing', async (t) => {
  const fenced = connect(plane.kubeconfig);
  fenced.fenceWrites(() => {
    throw new WriteRefused('not ours');
  });
  t.true((await fenced.get(resources.serviceAccount, { namespace, name: 'twice' })).ok);
  const write = fenced.create(resources.serviceAccount, namespace, account('unwritten'));
  await t.throwsAsync(write, { instanceOf: WriteRefused });
  const place = { namespace, name: 'unwritten' };
  t.false((await client.get(resources.serviceAccount, place)).ok);
  await fenced.close();
});

test.serial('an event is written once for a reason, however often it happens', async (t) => {
  const failures: string[] = [];
  const recorder = new EventRecorder({
    client,
    instance: 'test',
    onFailure: (message) => failures.push(message),
  });
  const made = await client.apply<{ metadata: { name: string; uid: string } }>(
    resources.serviceAccount,
    account('eventful'),
  );
  t.true(made.ok);
  if (!made.ok) return;
  const regarding = { metadata: { ...made.value.metadata, namespace } };
  const what = { type: 'Normal', reason: 'Tested', action: 'Test', note: 'once' } as const;
  for (let times = 0; times < 5; times++) {
    await recorder.record(resources.serviceAccount, regarding, what);
  }
  const listed = await client.send<{ items: readonly { reason: string }[] }>({
    method: 'GET',
    path: `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
  });
  t.deepEqual(failures, []);
  t.is(listed.ok && listed.value.items.filter(({ reason }) => reason === 'Tested').length, 1);
});

test.serial('queues tell how deep they are', async (t) => {
  const registry = createRegistry();
  queueWatcherOf(registry, () => 7);
  t.regex(await registry.metrics(), /^workqueue_depth 7$/m);
});
