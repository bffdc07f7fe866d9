// A cluster with the chart on it whose own operator finds no node: the operator under test runs in
// the test's own process, as whoever its kubeconfig says.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { configurationOf } from '../../contract/operator.ts';
import { connect } from '../../kubernetes/config.ts';
import type { OwnerReference } from '../../kubernetes/resource.ts';
import { Operator } from '../../operator/run.ts';
import { createLog } from '../../telemetry/log.ts';
import { createRegistry } from '../../telemetry/metrics.ts';
import { oursOf, startCluster, type Cluster } from '../cluster/cluster.ts';
import { madeByTests, type TestNamespace } from '../cluster/foreign.ts';
import { readAudited, type Audited } from './audit.ts';
import { writeTokenKubeconfig } from './token-kubeconfig.ts';

const run = promisify(execFile);
const chart = new URL('../../charts/paddock', import.meta.url).pathname;
const secondsMax = 90;

export interface OperatedCluster {
  readonly plane: Cluster;
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  /** Gives the release other values. */
  readonly upgrade: (...values: readonly string[]) => Promise<string>;
  readonly apply: (...objects: readonly object[]) => Promise<void>;
  readonly get: (kind: string, namespace: string, name: string) => Promise<Found>;
  readonly condition: (namespace: string, pool: string, type: string) => Promise<Condition>;
  /** Waits until `check` gives something other than undefined or false. */
  readonly until: <A>(what: string, check: () => Promise<A | undefined | false>) => Promise<A>;
  /** An operator in this process. */
  readonly operator: (kubeconfig: string, more?: Readonly<Record<string, string>>) => Operator;
  /** A kubeconfig with a token of the operator's own ServiceAccount. */
  readonly operatorKubeconfig: () => Promise<string>;
  /** A kubeconfig with a token of another account of the operator's namespace. */
  readonly kubeconfigOf: (account: string) => Promise<string>;
  readonly audited: () => Promise<readonly Audited[]>;
  readonly stop: () => Promise<void>;
}

export interface Found {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation?: number;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  readonly [field: string]: unknown;
}

export interface Condition {
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

/** Where the operator's Deployment, account and Lease are. */
export const systemNamespace = 'paddock-system';

export const operatorEnvironment = {
  POD_NAMESPACE: systemNamespace,
  PADDOCK_RUNTIME_IMAGE: 'registry.example/paddock/runtime:1',
  PADDOCK_ROUTER_IMAGE: 'registry.example/paddock/router:1',
  PADDOCK_PROBE_PORT: '0',
};

const until: OperatedCluster['until'] = async (what, check) => {
  const deadline = performance.now() + secondsMax * 1000;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${secondsMax} s`);
    await sleep(100);
  }
};

const startOperator: OperatedCluster['operator'] = (kubeconfig, more = {}) =>
  new Operator({
    configuration: configurationOf({ ...operatorEnvironment, ...more }),
    client: connect(kubeconfig),
    leaseClient: connect(kubeconfig),
    identity: `test_${performance.now()}`,
    log: createLog(process.env['LOG_LEVEL'] ?? 'silent'),
    registry: createRegistry(),
    onLost(why) {
      throw new Error(`the lease is lost: ${why}`);
    },
  });

const gvisor = {
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name: 'gvisor', labels: madeByTests },
  handler: 'runsc',
};

/** Starts or opens a cluster and installs the chart; a RuntimeClass gvisor is there. */
export const startOperatedCluster = async (): Promise<OperatedCluster> => {
  const plane = await startCluster();
  const { env } = plane;
  const call = async (file: string, args: readonly string[], input?: string): Promise<string> => {
    const running = run(file, args, { env, maxBuffer: 64 * 1024 * 1024 });
    if (input !== undefined) running.child.stdin?.end(input);
    return (await running).stdout;
  };
  const kubectl = (...args: readonly string[]) => call('kubectl', args);
  // Should there be nodes: the images that the chart names are nobody's yet.
  const fixed = ['operator.replicas=1', 'operator.nodeSelector.nowhere=yes'];
  const upgrade = (...values: readonly string[]) =>
    call('helm', [
      ...['upgrade', '--install', 'paddock', chart, '--namespace', systemNamespace],
      ...['--create-namespace', ...[...fixed, ...values].flatMap((value) => ['--set', value])],
    ]);
  try {
    await upgrade();
    await kubectl('wait', '--for=condition=Established', 'crd/sandboxpools.paddock.dev');
    const known = await kubectl(
      'get',
      'runtimeclass',
      'gvisor',
      '-o',
      'name',
      '--ignore-not-found',
    );
    if (known === '') await call('kubectl', ['create', '-f', '-'], JSON.stringify(gvisor));
  } catch (error) {
    await plane.stop();
    throw error;
  }
  const kubeconfigOf = async (account: string): Promise<string> => {
    const token = await kubectl('-n', systemNamespace, 'create', 'token', account);
    const path = join(plane.folder, `${account}.conf`);
    await writeTokenKubeconfig(path, plane.kubeconfig, token.trim());
    return path;
  };
  return {
    ...{ plane, kubectl, upgrade, until, operator: startOperator, kubeconfigOf },
    async apply(...objects) {
      const list = { apiVersion: 'v1', kind: 'List', items: objects };
      await call('kubectl', ['apply', '-f', '-'], JSON.stringify(list));
    },
    async get(kind, namespace, name) {
      return JSON.parse(await kubectl('-n', namespace, 'get', kind, name, '-o', 'json')) as Found;
    },
    async condition(namespace, pool, type) {
      const path = `{.status.conditions[?(@.type=="${type}")]}`;
      const text = await kubectl('-n', namespace, 'get', 'sbp', pool, '-o', `jsonpath=${path}`);
      return text === '' ? {} : (JSON.parse(text) as Condition);
    },
    operatorKubeconfig: () => kubeconfigOf('paddock-operator'),
    audited: () => readAudited(oursOf(plane).auditLog),
    stop: () => plane.stop(),
  };
};

export const namespaceObject = (name: TestNamespace) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
});

export const poolObject = (namespace: string, name: string, spec: object = {}) => ({
  apiVersion: 'paddock.dev/v1alpha1',
  kind: 'SandboxPool',
  metadata: { name, namespace },
  spec,
});
