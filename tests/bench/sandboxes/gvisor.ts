// New sandboxes in a gVisor pod, called through the router from another pod of a real node, beside
// /healthz of the same pods. As root on Debian, as tests/e2e.

import { timesFigure, type Figure } from './figure.ts';
import { ports } from '../../../contract/pool/names.ts';
import {
  clientPod,
  installCluster,
  restrictedNamespace,
  type InstalledCluster,
} from '../../helpers/installed-cluster.ts';

interface Target {
  readonly name: string;
  readonly note: string;
  readonly url: string;
  /** New ids are posted to it; without, it is got. */
  readonly executes?: boolean;
}

const perSecond = 20;
const section = 'gVisor pod, 20/s each';

/**
 * Runs in the client pod: Poisson arrivals, the targets in turn, times from when a call was due;
 * the first seconds warm up. Prints the times of each target, and the codes that were not wanted.
 */
const program = `
const { readFileSync } = require('node:fs');
const { targets, perSecond, warmSeconds, seconds } = JSON.parse(process.argv[1]);
const authorization = 'Bearer ' + readFileSync('/var/run/paddock/token', 'utf8').trim();
const times = targets.map(() => []);
const wrong = {};
const send = async (index, id, due, counts) => {
  const { url, executes } = targets[index];
  const body = JSON.stringify({ sandbox_id: id, init_script: '', script: '1+1' });
  const headers = { 'content-type': 'application/json', authorization };
  const answer = await fetch(url, executes ? { method: 'POST', headers, body } : {});
  await answer.text();
  if (answer.status !== 200) wrong[answer.status] = (wrong[answer.status] ?? 0) + 1;
  else if (counts) times[index].push(performance.now() - due);
};
(async () => {
  const begin = performance.now();
  const sent = [];
  let due = begin;
  for (let made = 0; due - begin < (warmSeconds + seconds) * 1000; made++) {
    due += -Math.log(1 - Math.random()) / (perSecond * targets.length) * 1000;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    // A timer may be early by a part of a millisecond.
    while (performance.now() < due);
    const counts = due - begin > warmSeconds * 1000;
    sent.push(send(made % targets.length, 'new ' + Date.now() + ' ' + made, due, counts));
  }
  await Promise.all(sent);
  console.log(JSON.stringify({ times, wrong }));
})();
`;

const podAddress = async ({ kubectl }: InstalledCluster, component: string): Promise<string> => {
  const selector = `paddock.dev/pool=bench,app.kubernetes.io/component=${component}`;
  const path = 'jsonpath={.items[0].status.podIP}';
  return kubectl('-n', 'shop', 'get', 'pods', '-l', selector, '-o', path);
};

const bringUp = async (cluster: InstalledCluster): Promise<readonly Target[]> => {
  const { apply, images, kubectl } = cluster;
  await apply(
    restrictedNamespace('shop'),
    restrictedNamespace('customer'),
    {
      ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
      metadata: { name: 'client', namespace: 'customer' },
    },
    {
      ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
      metadata: { name: 'client', namespace: 'shop' },
      roleRef: {
        ...{ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
        name: 'paddock-execute',
      },
      subjects: [{ kind: 'ServiceAccount', name: 'client', namespace: 'customer' }],
    },
    clientPod('customer', images.router, 'bench.shop.sandboxpools.paddock.dev'),
    {
      ...{ apiVersion: 'paddock.dev/v1alpha1', kind: 'SandboxPool' },
      metadata: { name: 'bench', namespace: 'shop' },
      spec: { replicas: 1 },
    },
  );
  await kubectl('-n', 'shop', 'wait', '--for=condition=Ready', 'sbp/bench', '--timeout=120s');
  await kubectl('-n', 'customer', 'wait', '--for=condition=Ready', 'pod/client', '--timeout=60s');
  const health = async (component: string) =>
    `http://${await podAddress(cluster, component)}:${ports.probe}/healthz`;
  return [
    {
      name: 'Paddock, new id through the router',
      note: 'client pod -> router pod -> mutual TLS -> runtime pod, which alone is in gVisor',
      url: 'http://bench.shop.svc/execute',
      executes: true,
    },
    {
      name: "GET /healthz of the runtime's pod",
      note: 'client pod -> probe port of the runtime pod, no router between',
      url: await health('runtime'),
    },
    {
      name: "GET /healthz of the router's pod",
      note: 'client pod -> probe port of a router pod',
      url: await health('router'),
    },
  ];
};

export const measureGvisor = async (quick: boolean): Promise<Figure[]> => {
  const cluster = await installCluster();
  try {
    const targets = await bringUp(cluster);
    const plan = { targets, perSecond, warmSeconds: 5, seconds: quick ? 10 : 60 };
    const exec = ['-n', 'customer', 'exec', 'client', '--', '/usr/bin/node', '-e', program];
    const said = await cluster.kubectl(...exec, JSON.stringify(plan));
    const { times, wrong } = JSON.parse(said) as {
      readonly times: readonly (readonly number[])[];
      readonly wrong: Readonly<Record<string, number>>;
    };
    return targets.map(({ name, note, executes = false }, index) =>
      timesFigure(
        {
          ...{ section, name, reference: executes },
          note: `${note}; open loop, Poisson; other codes than 200: ${JSON.stringify(wrong)}`,
        },
        times[index] ?? [],
      ),
    );
  } finally {
    await cluster.stop();
  }
};
