// A cluster with Paddock's chart on it, and a client pod of another namespace with a token of its
// own: what an end-to-end test begins with.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestNamespace } from '../cluster/foreign.ts';
import type { ClusterNode } from '../cluster/node/node.ts';
import { again, startHost, type Host } from './host.ts';

const run = promisify(execFile);
const chart = new URL('../../charts/paddock', import.meta.url).pathname;

export interface InstalledCluster {
  /** Absent on a cluster that is not ours. */
  readonly ours?: ClusterNode;
  /** For kubectl and helm. */
  readonly env: NodeJS.ProcessEnv;
  /** The three by their names, and the runtime's by another, as a new release would have. */
  readonly images: Readonly<Record<'runtime' | 'router' | 'operator' | 'runtimeAgain', string>>;
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  readonly helm: (...args: readonly string[]) => Promise<string>;
  readonly apply: (...objects: readonly object[]) => Promise<void>;
  /** Waits until `check` gives something other than undefined or false. */
  readonly until: <A>(what: string, check: () => Promise<A | undefined | false>) => Promise<A>;
  /** Status, reason and message of a condition of a pool. */
  readonly condition: (pool: string, namespace: string, type: string) => Promise<Condition>;
  /** How long `helm install --wait` took. */
  readonly installMs: number;
  readonly stop: () => Promise<void>;
}

export interface Condition {
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

const secondsMax = 120;

/** What helm is told of the images. */
const valuesOf = ({ registry, tags }: Host, more: readonly string[]): readonly string[] => {
  const ofImages = Object.entries(tags).map(([name, tag]) => `images.${name}.tag=${tag}`);
  // A digest of nothing but digits would be a number.
  return [
    ...[...ofImages, `images.registry=${registry}`].flatMap((value) => ['--set-string', value]),
    ...more.flatMap((value) => ['--set', value]),
  ];
};

const imagesOf = ({ registry, tags }: Host): InstalledCluster['images'] => {
  const name = (target: keyof typeof tags) => `${registry}/paddock/${target}:${tags[target]}`;
  const runtime = name('runtime');
  const runtimeAgain = `${runtime}${again}`;
  return { runtime, runtimeAgain, router: name('router'), operator: name('operator') };
};

/** Starts or opens a cluster and installs the chart. @param values further `--set` of helm */
export const installCluster = async (
  values: (images: InstalledCluster['images']) => readonly string[] = () => [],
): Promise<InstalledCluster> => {
  const host = await startHost();
  const { env } = host;
  const images = imagesOf(host);
  const call = async (file: string, args: readonly string[], input?: string): Promise<string> => {
    const running = run(file, args, { env, maxBuffer: 64 * 1024 * 1024 });
    if (input !== undefined) running.child.stdin?.end(input);
    return (await running).stdout;
  };
  const kubectl = (...args: readonly string[]) => call('kubectl', args);
  const helm = (...args: readonly string[]) => call('helm', args);
  const apply: InstalledCluster['apply'] = async (...objects) => {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    await call('kubectl', ['apply', '-f', '-'], JSON.stringify(list));
  };
  // Restricted as all the others: the operator, and what `helm test` makes.
  await apply(restrictedNamespace('paddock'));
  const since = performance.now();
  await helm(
    ...['install', 'paddock', chart, '--namespace', 'paddock'],
    ...['--wait', '--timeout', '120s', ...valuesOf(host, values(images))],
  );
  const installMs = performance.now() - since;
  const until: InstalledCluster['until'] = async (what, check) => {
    const deadline = performance.now() + secondsMax * 1000;
    for (;;) {
      let cause: unknown;
      // An API server that has just started may let a kubectl wait for too long.
      const found = await check().catch((error: unknown) => {
        cause = error;
        return undefined;
      });
      if (found !== undefined && found !== false) return found;
      if (performance.now() > deadline) {
        throw new Error(`${what}: not within ${secondsMax} s`, { cause });
      }
      await sleep(250);
    }
  };
  return {
    ...{ ...host, images, apply, kubectl, helm, until, installMs },
    async condition(pool, namespace, type) {
      const path = `{.status.conditions[?(@.type=="${type}")]}`;
      const text = await kubectl('-n', namespace, 'get', 'sbp', pool, '-o', `jsonpath=${path}`);
      return text === '' ? {} : (JSON.parse(text) as Condition);
    },
  };
};

/** A namespace that enforces Pod Security `restricted`. */
export const restrictedNamespace = (name: TestNamespace) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
});

/** A pod that does nothing until it is asked to run a script, with a token for an audience. */
export const clientPod = (namespace: TestNamespace, image: string, audience: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'client', namespace },
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    serviceAccountName: 'client',
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'client',
        image,
        command: ['/usr/bin/node', '-e', 'setInterval(() => {}, 1e6)'],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        volumeMounts: [{ name: 'token', mountPath: '/var/run/paddock' }],
      },
    ],
    volumes: [
      {
        name: 'token',
        projected: {
          sources: [{ serviceAccountToken: { audience, expirationSeconds: 600, path: 'token' } }],
        },
      },
    ],
  },
});

export interface Answer {
  readonly code: number;
  readonly body: { readonly [field: string]: unknown; readonly status?: string };
}

/** Runs in the client pod: one call after another, each an answer or the error that cut it off. */
const script = `
const { readFileSync } = require('node:fs');
const calls = JSON.parse(process.argv[1]);
const own = readFileSync('/var/run/paddock/token', 'utf8').trim();
(async () => {
  const answers = [];
  for (const { url, method = 'POST', token = own, headers = {}, body } of calls) {
    const authorization = token === '' ? {} : { authorization: 'Bearer ' + token };
    try {
      const response = await fetch(url, {
        method,
        headers: { 'content-type': 'application/json', ...authorization, ...headers },
        body: body && JSON.stringify({ sandbox_id: null, init_script: '', ...body }),
      });
      answers.push({ code: response.status, body: JSON.parse((await response.text()) || '{}') });
    } catch (error) {
      answers.push({ code: 0, body: { error: String(error.cause?.code ?? error) } });
    }
  }
  console.log(JSON.stringify(answers));
})();
`;

export interface ClientCall {
  readonly url: string;
  /** Absent: POST. */
  readonly method?: 'DELETE';
  /** Empty: no Authorization at all. Absent: the pod's own token. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of an evaluation; absent: none. */
  readonly body?: object;
}

/** Calls from within the client pod of a namespace. */
export const callFrom = async (
  { kubectl }: InstalledCluster,
  namespace: string,
  calls: readonly ClientCall[],
): Promise<readonly Answer[]> => {
  const exec = ['-n', namespace, 'exec', 'client', '--', '/usr/bin/node', '-e', script];
  return JSON.parse(await kubectl(...exec, JSON.stringify(calls))) as readonly Answer[];
};
