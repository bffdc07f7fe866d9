// A control plane with the chart on it and no node: the operator under test runs in the test's own
// process, as whoever its kubeconfig says.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { configurationOf } from '../../contract/operator.ts';
import { connect } from '../../kubernetes/config.ts';
import { Operator } from '../../operator/run.ts';
import { createLog } from '../../telemetry/log.ts';
import { createRegistry } from '../../telemetry/metrics.ts';
import { startControlPlane, type ControlPlane } from '../cluster/control-plane.ts';

const run = promisify(execFile);
const chart = new URL('../../charts/paddock', import.meta.url).pathname;
const secondsMax = 90;

/** What the API server wrote down of a request. */
export interface Audited {
  readonly verb: string;
  readonly user: string;
  readonly code: number;
  /** As `apps/deployments`, with a subresource `paddock.dev/sandboxpools/status`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly at: string;
}

export interface OperatedCluster {
  readonly plane: ControlPlane;
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  readonly apply: (...objects: readonly object[]) => Promise<void>;
  readonly get: (kind: string, namespace: string, name: string) => Promise<Found>;
  readonly condition: (namespace: string, pool: string, type: string) => Promise<Condition>;
  /** Waits until `check` gives something other than undefined or false. */
  readonly until: <A>(what: string, check: () => Promise<A | undefined | false>) => Promise<A>;
  /** An operator in this process. */
  readonly operator: (kubeconfig: string, more?: Readonly<Record<string, string>>) => Operator;
  /** A kubeconfig with a token of the operator's own ServiceAccount. */
  readonly operatorKubeconfig: () => Promise<string>;
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

interface AuditLine {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly responseStatus?: { readonly code?: number };
  readonly objectRef?: Readonly<Record<string, string>>;
  readonly requestReceivedTimestamp: string;
}

const auditedOf = (line: AuditLine): Audited => {
  const {
    apiGroup = '',
    resource = '',
    subresource,
    namespace = '',
    name = '',
  } = line.objectRef ?? {};
  const path = [apiGroup, resource, subresource].filter((part) => part !== undefined);
  return {
    ...{ verb: line.verb, user: line.user.username, namespace, name },
    code: line.responseStatus?.code ?? 0,
    resource: path.join('/').replace(/^\//, ''),
    at: line.requestReceivedTimestamp,
  };
};

const writing = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Writes of a user, renewals of its Lease aside. */
export const writesOf = (log: readonly Audited[], user: string): readonly Audited[] =>
  log.filter(
    (each) =>
      each.user === user &&
      writing.has(each.verb) &&
      each.resource !== 'coordination.k8s.io/leases',
  );

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

/** Starts a control plane and installs the chart, whose own operator finds no node to run on. */
export const startOperatedCluster = async (): Promise<OperatedCluster> => {
  const plane = await startControlPlane();
  const env = { PATH: plane.path, KUBECONFIG: plane.kubeconfig, HOME: plane.pki.folder };
  const call = async (file: string, args: readonly string[], input?: string): Promise<string> => {
    const running = run(file, args, { env, maxBuffer: 64 * 1024 * 1024 });
    if (input !== undefined) running.child.stdin?.end(input);
    return (await running).stdout;
  };
  const kubectl = (...args: readonly string[]) => call('kubectl', args);
  try {
    await call('helm', [
      ...['install', 'paddock', chart, '--namespace', systemNamespace, '--create-namespace'],
      ...['--set', 'operator.replicas=1'],
    ]);
    await kubectl('wait', '--for=condition=Established', 'crd/sandboxpools.paddock.dev');
  } catch (error) {
    await plane.stop();
    throw error;
  }
  return {
    ...{ plane, kubectl, until, operator: startOperator },
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
    async operatorKubeconfig() {
      const token = await kubectl('-n', systemNamespace, 'create', 'token', 'paddock-operator');
      const path = join(plane.pki.folder, 'operator.conf');
      const ca = await readFile(join(plane.pki.folder, 'ca.crt'));
      const config = {
        ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'operator' },
        clusters: [
          {
            name: 'operator',
            cluster: {
              server: plane.server,
              'certificate-authority-data': ca.toString('base64'),
            },
          },
        ],
        users: [{ name: 'operator', user: { token: token.trim() } }],
        contexts: [{ name: 'operator', context: { cluster: 'operator', user: 'operator' } }],
      };
      await writeFile(path, JSON.stringify(config), { mode: 0o600 });
      return path;
    },
    async audited() {
      const lines = (await readFile(plane.auditLog, 'utf8')).trim().split('\n');
      return lines.map((line) => auditedOf(JSON.parse(line) as AuditLine));
    },
    stop: () => plane.stop(),
  };
};

export const namespaceObject = (name: string) => ({
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

export const gvisor = {
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name: 'gvisor' },
  handler: 'runsc',
};
