// Two operators as processes of their own, one lease: whoever ends, hangs or is killed, the other
// goes on, and nobody writes whose lease has ended. The audit log is the witness.

import test from 'ava';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { onOurs, oursOf } from '../cluster/cluster.ts';
import { madeByTests } from '../cluster/foreign.ts';
import {
  namespaceObject,
  operatorEnvironment,
  poolObject,
  startOperatedCluster,
  systemNamespace,
  type OperatedCluster,
} from '../helpers/operated-cluster.ts';

const main = new URL('../../operator/main.ts', import.meta.url).pathname;
const namespace = 'shop';
const withAudit = onOurs(test.serial, 'the audit log');
let cluster: OperatedCluster;

interface Running {
  readonly name: string;
  readonly process: ChildProcess;
  readonly said: () => string;
}
const running = new Set<Running>();
const accountOf = (name: string): string => `system:serviceaccount:${systemNamespace}:${name}`;

/** Makes an account and gives its kubeconfig, for which the API server must be there. */
const enroll = async (name: string): Promise<string> => {
  await cluster.kubectl('-n', systemNamespace, 'create', 'serviceaccount', name);
  return cluster.kubeconfigOf(name);
};

/** An operator with an account of its own, so that the audit log tells its writes apart. */
const start = async (
  name: string,
  more: NodeJS.ProcessEnv = {},
  enrolled?: string,
): Promise<Running> => {
  const kubeconfig = enrolled ?? (await enroll(name));
  const env = { ...operatorEnvironment, PATH: process.env['PATH'], KUBECONFIG: kubeconfig };
  // As in a pod: an operator that is not the leader waits for its turn.
  const inPod = { KUBERNETES_SERVICE_HOST: '127.0.0.1' };
  const child = spawn(process.execPath, [main], {
    env: { ...env, ...inPod, POD_NAME: name, ...more },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const one = { name, process: child, said: () => text };
  running.add(one);
  return one;
};

const holder = async (): Promise<string> => {
  const lease = await cluster.get('lease', systemNamespace, 'paddock-operator').catch(() => null);
  const { holderIdentity = '' } = (lease?.['spec'] ?? {}) as { holderIdentity?: string };
  return holderIdentity.split('_')[0] ?? '';
};

const leads = ({ name }: Running): Promise<unknown> =>
  cluster.until(`${name} leads`, async () => (await holder()) === name);

/** A pool made now gets its children. */
const works = async (pool: string): Promise<void> => {
  await cluster.apply(poolObject(namespace, pool));
  await cluster.until(`${pool} has its children`, () =>
    cluster.get('deployment', namespace, `${pool}-router`).catch(() => undefined),
  );
};

const isWarm = (one: Running): Promise<unknown> =>
  cluster.until(`${one.name} is warm`, () => Promise.resolve(one.said().includes('waits')));

/** The one operator that runs, which leads. */
const only = async (): Promise<Running> => {
  const [one] = running;
  if (!one || running.size > 1) throw new Error('expected one operator, from the test before');
  await leads(one);
  return one;
};

const kill = async (one: Running, signal: NodeJS.Signals): Promise<number | null> => {
  const ended = once(one.process, 'exit') as Promise<[number | null]>;
  one.process.kill(signal);
  running.delete(one);
  return (await ended)[0];
};

test.before(async () => {
  cluster = await startOperatedCluster();
  await cluster.apply(namespaceObject(namespace), {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'paddock-tests-operators', labels: madeByTests },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [
      {
        ...{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group' },
        name: `system:serviceaccounts:${systemNamespace}`,
      },
    ],
  });
});

test.after.always(async () => {
  for (const one of running) one.process.kill('SIGKILL');
  await cluster.stop();
});

test.serial('killed five times: the other takes over when the lease has lapsed', async (t) => {
  let leader = await start('first');
  await leads(leader);
  for (const name of ['second', 'third', 'fourth', 'fifth', 'sixth']) {
    const next = await start(name);
    await isWarm(next);
    await kill(leader, 'SIGKILL');
    const since = performance.now();
    await leads(next);
    t.log(`SIGKILL: ${Math.round(performance.now() - since)} ms`);
    await works(name);
    t.is(await holder(), name);
    leader = next;
  }
});

test.serial('told to end: it gives the lease back and ends with 0', async (t) => {
  const leader = await only();
  const next = await start('seventh');
  await isWarm(next);
  const since = performance.now();
  t.is(await kill(leader, 'SIGTERM'), 0);
  await leads(next);
  t.log(`SIGTERM: ${Math.round(performance.now() - since)} ms`);
  await works('seventh');
});

withAudit('stopped past its lease: it writes nothing when it goes on, and ends', async (t) => {
  const stopped = await only();
  const next = await start('eighth');
  await isWarm(next);
  stopped.process.kill('SIGSTOP');
  await leads(next);
  await works('eighth');
  // Something to do for whoever believes to lead.
  await cluster.apply(poolObject(namespace, 'eighth', { replicas: 3 }));
  const before = (await cluster.audited()).length;
  t.is(await kill(stopped, 'SIGCONT'), 1);
  t.regex(stopped.said(), /the lease is lost/);
  const after = (await cluster.audited()).slice(before);
  const writes = after.filter(
    ({ user, verb }) =>
      user === accountOf(stopped.name) && !['get', 'list', 'watch'].includes(verb),
  );
  t.deepEqual(writes, []);
});

test.serial('from a laptop: whoever cannot have the lease ends with a word', async (t) => {
  const leader = await only();
  const laptop = await start('laptop', { KUBERNETES_SERVICE_HOST: undefined });
  const ended = once(laptop.process, 'exit') as Promise<[number | null]>;
  t.deepEqual((await ended)[0], 3);
  running.delete(laptop);
  t.regex(laptop.said(), /the lease paddock-system\/paddock-operator cannot be had/);
  t.is(await holder(), leader.name);
});

onOurs(test.serial, 'an API server that may be killed')(
  'the API server goes and comes: the leader ends, who starts meanwhile waits',
  async (t) => {
    const leader = await only();
    const plane = oursOf(cluster.plane);
    const enrolled = await enroll('ninth');
    await plane.stopApiServer();
    const ended = once(leader.process, 'exit') as Promise<[number | null]>;
    const next = await start('ninth', {}, enrolled);
    await isWarm(next);
    // It cannot renew: from now on it must not write, and its successor begins anew.
    t.is((await ended)[0], 1);
    running.delete(leader);
    await plane.startApiServer();
    await leads(next);
    await works('ninth');
  },
);
