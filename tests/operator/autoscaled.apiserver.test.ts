// A real HorizontalPodAutoscaler that goes by what pods use: it finds them by the selector of the
// scale subresource, asks the API server what they use, and the pool follows. Who measures them is
// the test, behind an APIService, and the kubelet that runs them.

import test from 'ava';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';
import { onOurs, oursOf } from '../cluster/cluster.ts';
import {
  namespaceObject,
  poolObject,
  startOperatedCluster,
  type OperatedCluster,
} from '../helpers/operated-cluster.ts';

const group = 'metrics.k8s.io';
const root = `/apis/${group}/v1beta1`;
const hourAgo = new Date(Date.now() - 3_600_000).toISOString();

let cluster: OperatedCluster;
let operator: ReturnType<OperatedCluster['operator']> | undefined;
let meter: Server | undefined;

/** What each pod uses, as its name begins, in thousandths of a CPU; others use nothing. */
const used = new Map<string, number>();
/** By which pods the autoscaler asked. */
const selectors = new Set<string>();

const podMetrics = async (selector: string) => {
  const get = ['-n', 'shop', 'get', 'pods', '-l', selector, '-o'];
  const names = await cluster.kubectl(...get, 'jsonpath={.items[*].metadata.name}');
  return names.split(' ').map((name) => ({
    metadata: { name, namespace: 'shop' },
    timestamp: new Date().toISOString(),
    window: '10s',
    containers: [{ name: 'runtime', usage: { cpu: `${used.get(name) ?? 0}m`, memory: '100Mi' } }],
  }));
};

/** As metrics-server answers. */
const answerTo = async (url: URL): Promise<object | undefined> => {
  const resource = { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics' };
  if (url.pathname === root) {
    const resources = [{ ...resource, verbs: ['get', 'list'] }];
    const groupVersion = `${group}/v1beta1`;
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
  }
  if (url.pathname !== `${root}/namespaces/shop/pods`) return undefined;
  const selector = url.searchParams.get('labelSelector') ?? '';
  selectors.add(selector);
  const items = await podMetrics(selector);
  return { kind: 'PodMetricsList', apiVersion: `${group}/v1beta1`, metadata: {}, items };
};

const startMeter = async (): Promise<void> => {
  const { authority } = oursOf(cluster.plane).pki;
  const pair = await authority.issue({ user: 'meter', use: 'server', dns: ['meter.shop.svc'] });
  const server = createServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
    void answerTo(new URL(request.url ?? '', 'https://meter')).then((answer) => {
      response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? {}));
    });
  });
  meter = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await cluster.apply(
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'meter', namespace: 'shop' } },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    },
    {
      ...{ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService' },
      metadata: { name: `v1beta1.${group}` },
      spec: {
        ...{ group, version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100 },
        service: { name: 'meter', namespace: 'shop', port },
        caBundle: Buffer.from(authority.certificate).toString('base64'),
      },
    },
  );
  await cluster.kubectl('wait', '--for=condition=Available', `apiservice/v1beta1.${group}`);
};

/** The example, in less than five minutes and from one pod on. */
const autoscaler = async (): Promise<object> => {
  const file = new URL('../../examples/sandboxpool/autoscaler.yaml', import.meta.url);
  const found = parse(await readFile(file, 'utf8')) as Readonly<Record<string, object>>;
  const behavior = { scaleDown: { stabilizationWindowSeconds: 0 } };
  return {
    ...found,
    metadata: { ...found['metadata'], namespace: 'shop' },
    spec: { ...found['spec'], minReplicas: 1, behavior },
  };
};

const specOf = async (kind: string, name: string) =>
  (await cluster.get(kind, 'shop', name))['spec'] as { readonly replicas?: number };

const scaledTo = (count: number): Promise<unknown> =>
  cluster.until(`${count} replicas`, async () => {
    const { replicas } = await specOf('deployment', 'plugins-runtime');
    return replicas === count && (await specOf('sbp', 'plugins')).replicas === count;
  });

/** Plays the kubelet of the one pod that there is: it has run for an hour. */
const runPod = async (): Promise<string> => {
  const of = ['-l', 'paddock.dev/pool=plugins,app.kubernetes.io/component=runtime'];
  const path = 'jsonpath={.items[0].metadata.name}';
  const name = await cluster.until('there is a pod', () =>
    cluster.kubectl('-n', 'shop', 'get', 'pods', ...of, '-o', path).catch(() => undefined),
  );
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: hourAgo };
  const status = { phase: 'Running', startTime: hourAgo, conditions: [ready] };
  const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
  await cluster.kubectl('-n', 'shop', 'patch', 'pod', name, ...patch);
  return name;
};

test.before(async () => {
  cluster = await startOperatedCluster();
  await cluster.apply(namespaceObject('shop'));
  operator = cluster.operator(await cluster.operatorKubeconfig());
});

test.after.always(async () => {
  await operator?.stop();
  meter?.close();
  await cluster.stop();
});

onOurs(test, 'an API server that reaches this machine')(
  'pods that use more than they ask for become more, and fewer when they rest',
  async (t) => {
    await startMeter();
    const resources = { requests: { cpu: '1' }, limits: { cpu: '1' } };
    await cluster.apply(poolObject('shop', 'plugins', { resources }));
    const name = await runPod();
    // Three times what is aimed at, by the only one: of three it would be just that.
    used.set(name, 2_100);
    await cluster.apply(await autoscaler());
    await scaledTo(3);
    used.clear();
    await scaledTo(1);
    const { selector } = (await cluster.get('sbp', 'shop', 'plugins'))['status'] as {
      readonly selector: string;
    };
    t.deepEqual(
      [...selectors].map((each) => new Set(each.split(','))),
      [new Set(selector.split(','))],
    );
  },
);
