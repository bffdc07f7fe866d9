// A whole Kubernetes node with gVisor on this machine, in namespaces of its own. Needs root and the
// Debian packages of packages.ts; up in ten seconds, gone without a trace.

import { randomBytes } from 'node:crypto';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  copyFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connect } from '../../../kubernetes/config.ts';
import { valueOf } from '../../../kubernetes/failure.ts';
import { cacheFolder, ensureParts } from '../build/build.ts';
import { controlPlaneParts, nodeParts } from '../build/parts.ts';
import { createPki, type Pki } from '../pki.ts';
import { freePort } from '../ports.ts';
import { abandonedIn, hasEnded, signFolder } from '../runner.ts';
import { bootstrap } from './bootstrap.ts';
import { ensureBaseImages } from './base-images.ts';
import { filesOf, type NodePlan } from './files.ts';
import { createCgroups, createNetwork, removeCgroups, removeNetwork } from './namespaces.ts';
import { ensurePackages } from './packages.ts';

const run = promisify(execFile);
const here = new URL('./', import.meta.url).pathname;
const address = '10.99.0.2';

export interface ClusterNode {
  /** Kubeconfig of an administrator, for use outside of the node's network. */
  readonly kubeconfig: string;
  readonly server: string;
  readonly auditLog: string;
  /** PATH with kubectl and helm. */
  readonly path: string;
  readonly pki: Pki;
  readonly root: string;
  /** Brings an OCI archive into the node's image store. */
  readonly importImage: (archive: string) => Promise<void>;
  /** Gives an image that is there another name. */
  readonly tagImage: (from: string, to: string) => Promise<void>;
  /** Runs a command in the node's network, where pods and Services can be reached. */
  readonly inNetwork: (
    file: string,
    args: readonly string[],
  ) => Promise<{ readonly stdout: string }>;
  /** The node's network namespace, as a path. */
  readonly network: string;
  /** Kills a container, named by its id, as a kernel that runs out of memory does. */
  readonly killContainer: (id: string) => Promise<void>;
  /** Kills the API server; etcd keeps what was written. */
  readonly killApiServer: () => Promise<void>;
  /** Starts it again; it takes a while to be ready. */
  readonly startApiServer: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const say = (text: string): void => {
  process.stderr.write(`# ${text}\n`);
};

/** Folders of running nodes, and of those whose runner was killed. */
const nodesFolder = join(cacheFolder, 'nodes');

const remove = async (name: string): Promise<void> => {
  removeNetwork(name);
  await removeCgroups(name);
  rmSync(join(nodesFolder, name), { recursive: true, force: true });
};

/** Removes what nodes left behind whose runner was killed: their processes ended with it. */
export const sweepNodes = async (): Promise<readonly string[]> => {
  const dead = abandonedIn(nodesFolder, 'paddock-');
  for (const name of dead) await remove(name);
  return dead;
};

/**
 * The API server's socket inside the node, as a port of this machine's loopback address. A process
 * of its own, since a test that waits for kubectl could not pass its bytes on; it ends as the
 * node's first process does.
 */
const relay = (socket: string, port: number): ChildProcess => {
  const listen = `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`;
  const script = `socat ${listen} UNIX-CONNECT:${socket} & cat > /dev/null; kill $!; wait`;
  return spawn('bash', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'] });
};

const start = (name: string, root: string, path: string): ChildProcess => {
  const entries = createCgroups(name).map((file) => `echo $$ > ${file}`);
  const script =
    `${entries.join('; ')}; exec nsenter --net=/run/netns/${name} unshare --mount ` +
    '--propagation private --cgroup --uts --ipc --pid --fork --kill-child --mount-proc ' +
    `bash ${here}init.sh`;
  const log = openSync(join(root, 'logs/init.log'), 'a');
  return spawn('bash', ['-c', script], {
    stdio: ['pipe', log, log],
    env: { PATH: path, ROOT: root, NODE: name, HOME: '/root' },
  });
};

const applyBootstrap = async (kubeconfig: string, name: string): Promise<void> => {
  const client = connect(kubeconfig);
  // The last of its own namespaces, which come a moment after the API server is ready.
  const namespaces = {
    apiVersion: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    namespaced: false,
  };
  while (!(await client.get(namespaces, { name: 'default' })).ok) await sleep(50);
  for (const [resource, object] of bootstrap) {
    valueOf(`apply ${object.metadata.name}`, await client.apply(resource, object));
  }
  const nodes = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };
  interface NodeObject {
    readonly metadata: { readonly name: string };
    readonly status?: {
      readonly conditions?: { readonly type: string; readonly status: string }[];
    };
  }
  for (;;) {
    const found = await client.get<NodeObject>(nodes, { name });
    const ready =
      found.ok &&
      found.value.status?.conditions?.some(
        (each) => each.type === 'Ready' && each.status === 'True',
      );
    if (ready === true) break;
    await sleep(100);
  }
  await client.close();
};

/** Starts a node and resolves when it is Ready. */
export const startNode = async (): Promise<ClusterNode> => {
  ensurePackages(say);
  await sweepNodes();
  const folders = ensureParts([...controlPlaneParts, ...nodeParts], say);
  // Not our own PATH: npm puts its packages' programs first, and one of them is called nft.
  const path = [...folders, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':');
  const images = join(cacheFolder, 'images');
  const coredns = folders.map((each) => join(each, 'coredns')).find((each) => existsSync(each));
  ensureBaseImages(images, coredns ?? 'coredns');
  const name = `paddock-${randomBytes(4).toString('hex')}`;
  const root = join(nodesFolder, name);
  mkdirSync(root, { recursive: true });
  return begin({ root, name, address, socket: join(root, 'api.sock') }, path, images);
};

const begin = async (plan: NodePlan, path: string, archives: string): Promise<ClusterNode> => {
  const { root, name, socket } = plan;
  signFolder(root);
  for (const folder of ['etc', 'logs', 'images', 'state']) mkdirSync(join(root, folder));
  for (const image of readdirSync(archives))
    copyFileSync(join(archives, image), join(root, 'images', image));
  copyFileSync(join(here, 'etc/bridge.conflist'), join(root, 'etc/bridge.conflist'));
  for (const [file, text] of Object.entries(filesOf(plan))) writeFileSync(join(root, file), text);
  const pki = await createPki(join(root, 'pki'), 'https://127.0.0.1:6443', { address, node: name });
  createNetwork(name, address);
  const init = start(name, root, path);
  const port = await freePort();
  const outside = relay(socket, port);
  const url = `https://127.0.0.1:${port}`;
  const kubeconfig = await pki.kubeconfig('outside', 'admin', ['system:masters'], url);
  while (!existsSync(socket)) {
    if (hasEnded(init)) {
      throw new Error(`the node ended: ${readFileSync(join(root, 'logs/init.log'), 'utf8')}`);
    }
    await sleep(50);
  }
  await applyBootstrap(kubeconfig, name);
  /** Runs a command as one of the node's own. */
  const within = async (...command: readonly string[]): Promise<void> => {
    const pid = await namespaceInit(init);
    const namespaces = ['--mount', '--net', '--pid', '--uts', '--ipc', '--cgroup'];
    const target = ['--target', String(pid), ...namespaces, 'env', `PATH=${path}`];
    await run('nsenter', [...target, ...command]);
  };
  const images = (args: readonly string[]): Promise<void> =>
    within('ctr', '-n', 'k8s.io', 'images', ...args);
  return {
    ...{ kubeconfig, path, pki, root },
    server: url,
    auditLog: join(root, 'audit.log'),
    importImage: (archive) => images(['import', archive]),
    tagImage: (from, to) => images(['tag', from, to]),
    inNetwork: (file, args) => run('nsenter', [`--net=/run/netns/${name}`, file, ...args]),
    network: `/run/netns/${name}`,
    killContainer: (id) =>
      within('ctr', '-n', 'k8s.io', 'tasks', 'kill', '--signal', 'SIGKILL', id),
    killApiServer: () =>
      // Done when nobody listens there any more.
      within(
        ...['bash', '-c'],
        'kill -KILL $(pgrep -x kube-apiserver); ' +
          'while (: > /dev/tcp/127.0.0.1/6443) 2> /dev/null; do sleep 0.05; done',
      ),
    async startApiServer() {
      const programs = readFileSync(join(root, 'etc/programs'), 'utf8').split('\n');
      const line = programs.find((each) => each.startsWith('kube-apiserver\t')) ?? '';
      const log = join(root, 'logs/kube-apiserver.log');
      await within('bash', '-c', `${line.split('\t')[1] ?? ''} >> ${log} 2>&1 < /dev/null &`);
    },
    async stop() {
      const ended = new Promise((resolve) => init.once('close', resolve));
      init.stdin?.end();
      if (!hasEnded(init)) await ended;
      const silent = new Promise((resolve) => outside.once('close', resolve));
      outside.stdin?.end();
      if (!hasEnded(outside)) await silent;
      await remove(name);
    },
  };
};

/** The process that is 1 inside, as seen from here. */
const namespaceInit = async ({ pid }: ChildProcess): Promise<number> => {
  const { stdout } = await run('pgrep', ['-P', String(pid)]);
  return Number(stdout.split('\n')[0]);
};
