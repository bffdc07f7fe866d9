// What breaks under load on a real node: the API server is away for a minute, a router and a
// runtime pod are killed. Nothing is evaluated twice, and what fails says so honestly.

import test, { type ExecutionContext } from 'ava';
import { setTimeout as sleep } from 'node:timers/promises';
import { onOurs, oursOf } from '../cluster/cluster.ts';
import { account, mayExecute } from '../helpers/callers.ts';
import {
  installCluster,
  restrictedNamespace,
  type InstalledCluster,
} from '../helpers/installed-cluster.ts';
import type { Report } from '../helpers/load-report.ts';
import { startLoad, type Load } from '../helpers/load.ts';

const audience = 'plugins.shop.sandboxpools.paddock.dev';
const awayMs = 60_000;
const sandboxes = 20;
const loose = 5;

let cluster: InstalledCluster;
const needsNode = onOurs(test.serial, 'the node itself');
let url: string;

const tokenOf = async (name: string): Promise<string> => {
  const create = ['-n', 'customer', 'create', 'token', name, `--audience=${audience}`];
  return (await cluster.kubectl(...create)).trim();
};

/** The HTTP status of one call with a token. */
const callWith = async (token: string): Promise<number> => {
  const { stdout } = await oursOf(cluster).inNetwork('curl', [
    ...['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `Authorization: Bearer ${token}`],
    ...['-H', 'Content-Type: application/json'],
    ...['-d', '{"sandbox_id":null,"init_script":"","script":"1"}', url],
  ]);
  return Number(stdout);
};

const startCalls = async (): Promise<Load> =>
  startLoad(cluster, {
    ...{ url, token: await tokenOf('client'), sandboxes, loose, everyMs: 250 },
  });

/** Whatever the test before left behind. */
const ready = async (): Promise<void> => {
  await cluster.kubectl('-n', 'shop', 'scale', 'sbp/plugins', '--replicas=2');
  await cluster.until('two runtimes and two routers are ready', async () => {
    const path = 'jsonpath={.status.ready} {.status.replicas}';
    const counts = await cluster.kubectl('-n', 'shop', 'get', 'sbp', 'plugins', '-o', path);
    // Of the pods themselves: what a Deployment says of them comes later.
    const routers = await cluster.kubectl(
      ...['-n', 'shop', 'get', 'pods', '-l', 'app.kubernetes.io/component=router'],
      ...['-o', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'],
    );
    const { status } = await cluster.condition('plugins', 'shop', 'Ready');
    return counts === '2 2' && routers === 'True True' && status === 'True';
  });
};

/** The first pod of a component: its name, or what else a JSONPath finds in it. */
const firstPod = async (component: string, path: string): Promise<string> => {
  const selector = `paddock.dev/pool=plugins,app.kubernetes.io/component=${component}`;
  const items = `jsonpath={.items[0]${path}}`;
  return cluster.kubectl('-n', 'shop', 'get', 'pods', '-l', selector, '-o', items);
};

/** Kills the container of a component's first pod, until the kubelet has started another in it. */
const killFirst = async (component: string): Promise<void> => {
  const restarts = () => firstPod(component, '.status.containerStatuses[0].restartCount');
  const before = Number(await restarts());
  const id = await firstPod(component, '.status.containerStatuses[0].containerID');
  await oursOf(cluster).killContainer(id.replace('containerd://', ''));
  await sleep(5_000);
  await cluster.until('its container is started again', async () => {
    return Number(await restarts()) === before + 1;
  });
};

const failuresOf = ({ counts }: Report): readonly (readonly [kind: string, times: number])[] =>
  Object.entries(counts).filter(([kind]) => kind !== '200');

test.before(async () => {
  cluster = await installCluster();
  await cluster.apply(restrictedNamespace('shop'), restrictedNamespace('customer'));
  const names = ['client', 'newcomer'] as const;
  const accounts = names.map((name) => account('customer', name));
  await cluster.apply(...accounts, mayExecute('shop', 'customer', ...names), {
    apiVersion: 'paddock.dev/v1alpha1',
    kind: 'SandboxPool',
    metadata: { name: 'plugins', namespace: 'shop' },
    spec: { replicas: 2 },
  });
  await ready();
  const path = 'jsonpath={.spec.clusterIP}';
  const address = await cluster.kubectl('-n', 'shop', 'get', 'service', 'plugins', '-o', path);
  url = `http://${address}/execute`;
});

test.after.always(() => cluster.stop());

onOurs(test.serial, 'an API server that may be killed')(
  'the API server is away for a minute: who was known notices nothing',
  async (t) => {
    const newcomer = await tokenOf('newcomer');
    const load = await startCalls();
    // Long enough for both routers to know the caller.
    await sleep(10_000);
    await oursOf(cluster).killApiServer();
    t.is(await callWith(newcomer), 503);
    await sleep(awayMs);
    t.is(await callWith(newcomer), 503);
    await oursOf(cluster).startApiServer();
    await cluster.until('the API server answers', () =>
      cluster.kubectl('get', '--raw', '/readyz').then(
        (text) => text === 'ok',
        () => false,
      ),
    );
    await cluster.until('the newcomer is let in', async () => (await callWith(newcomer)) === 200);
    const report = await load.stop();

    // Everything that watched has found its way back: a pool that is changed follows. First of all,
    // since a kubelet or operator that is not back yet would fail the tests that come after.
    await cluster.kubectl('-n', 'shop', 'scale', 'sbp/plugins', '--replicas=1');
    await cluster.until('one pod', async () => {
      const path = 'jsonpath={.status.replicas}';
      return (await cluster.kubectl('-n', 'shop', 'get', 'sbp', 'plugins', '-o', path)) === '1';
    });
    await ready();

    t.deepEqual(report.skips, []);
    t.deepEqual(failuresOf(report), [], report.last);
    t.true((report.counts['200'] ?? 0) > 1_000);
    t.is(report.lives, sandboxes);
  },
);

/** How a connection fails that never came about, until Kubernetes has seen that a pod is dead. */
const reachedNobody = new Set(['error ECONNREFUSED', 'error EHOSTUNREACH']);

/** Of a router that died: at most one call of each caller was under way there, and was cut off. */
const onlyWhatWasUnderWay = (t: ExecutionContext, report: Report): void => {
  t.log(JSON.stringify(report.counts));
  t.deepEqual(report.skips, []);
  const cut = failuresOf(report).filter(([kind]) => !reachedNobody.has(kind));
  const times = cut.reduce((sum, [, each]) => sum + each, 0);
  t.true(times <= sandboxes + loose, JSON.stringify(report));
  t.deepEqual(
    cut.filter(([kind]) => kind !== 'error ECONNRESET'),
    [],
  );
  t.is(report.lives, sandboxes, 'no sandbox has lost its state');
};

test.serial('a router pod is killed: only what was under way there is cut off', async (t) => {
  await ready();
  const load = await startCalls();
  await sleep(3_000);
  const name = await firstPod('router', '.metadata.name');
  await cluster.kubectl('-n', 'shop', 'delete', 'pod', name, '--grace-period=0', '--force');
  await sleep(5_000);
  await ready();
  onlyWhatWasUnderWay(t, await load.stop());
});

needsNode('the process of a router is killed: the same, and nothing comes twice', async (t) => {
  await ready();
  const load = await startCalls();
  await sleep(3_000);
  await killFirst('router');
  await ready();
  onlyWhatWasUnderWay(t, await load.stop());
});

needsNode('a runtime is killed: what was under way is told as unknown', async (t) => {
  await ready();
  const load = await startCalls();
  await sleep(3_000);
  await killFirst('runtime');
  await ready();
  const report = await load.stop();
  t.deepEqual(report.skips, []);
  const failures = failuresOf(report);
  const failed = failures.reduce((sum, [, times]) => sum + times, 0);
  t.true(failed <= sandboxes + loose, JSON.stringify(report));
  t.true(
    failures.every(([kind]) => kind === '502 OUTCOME_UNKNOWN'),
    JSON.stringify(report),
  );
  t.true(report.lives > sandboxes, 'its sandboxes have begun anew');
});
