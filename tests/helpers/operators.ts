// Operators as processes of their own, with one lease between them and an account each, so that the
// audit log tells their writes apart.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { madeByTests } from '../cluster/foreign.ts';
import {
  namespaceObject,
  operatorEnvironment,
  poolObject,
  startOperatedCluster,
  systemNamespace,
  type OperatedCluster,
} from './operated-cluster.ts';

const main = new URL('../../operator/main.ts', import.meta.url).pathname;

/** Where their pools are. */
export const namespace = 'shop';

export interface Running {
  readonly name: string;
  readonly process: ChildProcess;
  readonly said: () => string;
}

export const accountOf = (name: string): string =>
  `system:serviceaccount:${systemNamespace}:${name}`;

/** They may do anything: what they do is looked at. */
const mayAll = {
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
};

export class Operators {
  readonly cluster: OperatedCluster;
  readonly #running = new Set<Running>();

  private constructor(cluster: OperatedCluster) {
    this.cluster = cluster;
  }

  static async open(): Promise<Operators> {
    const cluster = await startOperatedCluster();
    await cluster.apply(namespaceObject(namespace), mayAll);
    return new Operators(cluster);
  }

  /** Makes an account and gives its kubeconfig, for which the API server must be there. */
  async enroll(name: string): Promise<string> {
    await this.cluster.kubectl('-n', systemNamespace, 'create', 'serviceaccount', name);
    return this.cluster.kubeconfigOf(name);
  }

  async start(name: string, more: NodeJS.ProcessEnv = {}, enrolled?: string): Promise<Running> {
    const kubeconfig = enrolled ?? (await this.enroll(name));
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
    this.#running.add(one);
    return one;
  }

  async holder(): Promise<string> {
    const { get } = this.cluster;
    const lease = await get('lease', systemNamespace, 'paddock-operator').catch(() => null);
    const { holderIdentity = '' } = (lease?.['spec'] ?? {}) as { holderIdentity?: string };
    return holderIdentity.split('_')[0] ?? '';
  }

  leads({ name }: Running): Promise<unknown> {
    return this.cluster.until(`${name} leads`, async () => (await this.holder()) === name);
  }

  /** A pool made now gets its children. */
  async works(pool: string): Promise<void> {
    await this.cluster.apply(poolObject(namespace, pool));
    await this.cluster.until(`${pool} has its children`, () =>
      this.cluster.get('deployment', namespace, `${pool}-router`).catch(() => undefined),
    );
  }

  isWarm(one: Running): Promise<unknown> {
    const waits = () => Promise.resolve(one.said().includes('waits'));
    return this.cluster.until(`${one.name} is warm`, waits);
  }

  /** The one operator that runs, which leads: from the test before, or the first. */
  async only(): Promise<Running> {
    if (this.#running.size > 1) throw new Error('expected one operator, from the test before');
    const [one = await this.start('first')] = this.#running;
    await this.leads(one);
    return one;
  }

  /** Its exit code, once it has ended. */
  async ends(one: Running): Promise<number | null> {
    const ended = once(one.process, 'exit') as Promise<[number | null]>;
    const [code] = await ended;
    this.#running.delete(one);
    return code;
  }

  kill(one: Running, signal: NodeJS.Signals): Promise<number | null> {
    const ended = this.ends(one);
    one.process.kill(signal);
    return ended;
  }

  async stop(): Promise<void> {
    for (const one of this.#running) one.process.kill('SIGKILL');
    await this.cluster.stop();
  }
}
