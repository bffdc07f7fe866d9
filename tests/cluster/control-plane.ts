// A control plane without a node: etcd, the API server and the controllers as plain processes of
// whoever runs the tests, on free ports of the loopback address. Up in seconds, no privileges.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureParts } from './build/build.ts';
import { controlPlaneParts } from './build/parts.ts';
import {
  apiServerFlags,
  controllersFlags,
  etcdFlags,
  schedulerFlags,
  type Ports,
} from './flags.ts';
import { createPki, type Pki } from './pki.ts';
import { freePort } from './ports.ts';
import { abandonedIn, hasEnded, signFolder } from './runner.ts';

export interface ControlPlane {
  /** Kubeconfig of an administrator. */
  readonly kubeconfig: string;
  readonly server: string;
  readonly auditLog: string;
  /** Folder of kubectl and helm. */
  readonly path: string;
  readonly pki: Pki;
  /** Ends the API server as `kill` would; etcd keeps what was written. */
  readonly stopApiServer: (signal?: NodeJS.Signals) => Promise<void>;
  /** Starts it again on the same port and resolves when it is ready. */
  readonly startApiServer: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const freePorts = async (): Promise<Ports> => ({
  etcd: await freePort(),
  etcdPeer: await freePort(),
  apiServer: await freePort(),
  controllers: await freePort(),
  scheduler: await freePort(),
});

/** What it serves before anybody uses it: its own namespaces come a moment after it is ready. */
const firstPaths = ['/readyz', '/api/v1/namespaces/default'];

interface Prober {
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const answersOk = (prober: Prober, path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const call = request(
      { host: '127.0.0.1', ...prober, path, agent: false, timeout: 1000 },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    call.on('error', () => {
      resolve(false);
    });
    call.on('timeout', () => call.destroy());
    call.end();
  });

const isReady = async (prober: Prober): Promise<boolean> => {
  for (const path of firstPaths) if (!(await answersOk(prober, path))) return false;
  return true;
};

class Processes {
  readonly #folder: string;
  readonly #path: string;
  readonly #running = new Map<string, ChildProcess>();

  constructor(folder: string, path: string) {
    this.#folder = folder;
    this.#path = path;
  }

  start(name: string, args: readonly string[]): void {
    const log = openSync(join(this.#folder, `${name}.log`), 'a');
    // A runner that is killed takes its programs along.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', name, ...args], {
      env: { PATH: this.#path },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#running.set(name, child);
  }

  alive(name: string): boolean {
    const child = this.#running.get(name);
    return child !== undefined && !hasEnded(child);
  }

  async stop(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.#running.get(name);
    if (child === undefined || !this.alive(name)) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill(signal);
    await ended;
  }

  async logOf(name: string): Promise<string> {
    const text = await readFile(join(this.#folder, `${name}.log`), 'utf8');
    return text.split('\n').slice(-20).join('\n');
  }
}

const prefix = 'paddock-control-plane-';

/** Removes the folders of control planes whose runner was killed; they themselves ended with it. */
export const sweepControlPlanes = async (): Promise<readonly string[]> => {
  const dead = abandonedIn(tmpdir(), prefix);
  for (const name of dead) await rm(join(tmpdir(), name), { recursive: true, force: true });
  return dead;
};

const say = (text: string): void => {
  process.stderr.write(`# ${text}\n`);
};

/** Starts one, with everything it writes in a folder of its own that `stop` removes. */
export const startControlPlane = async (): Promise<ControlPlane> => {
  const folders = ensureParts(controlPlaneParts, say);
  const path = [...folders, process.env['PATH'] ?? ''].join(':');
  await sweepControlPlanes();
  const folder = await mkdtemp(join(tmpdir(), prefix));
  signFolder(folder);
  const ports = await freePorts();
  const server = `https://127.0.0.1:${ports.apiServer}`;
  const pki = await createPki(join(folder, 'pki'), server);
  const paths = { pki: pki.folder, data: folder };
  const processes = new Processes(folder, path);
  const { certificate: cert, key } = await pki.authority.issue({
    user: 'prober',
    groups: ['system:masters'],
    use: 'client',
  });
  const prober = { port: ports.apiServer, ca: pki.authority.certificate, cert, key };
  const startApiServer = async (): Promise<void> => {
    processes.start('kube-apiserver', apiServerFlags(paths, ports, '127.0.0.1'));
    while (!(await isReady(prober))) {
      if (!processes.alive('kube-apiserver')) {
        throw new Error(`kube-apiserver ended:\n${await processes.logOf('kube-apiserver')}`);
      }
      await sleep(50);
    }
  };
  processes.start('etcd', etcdFlags(paths, ports));
  await startApiServer();
  processes.start('kube-controller-manager', controllersFlags(paths, ports));
  processes.start('kube-scheduler', schedulerFlags(paths, ports));
  return {
    kubeconfig: join(pki.folder, 'admin.conf'),
    server,
    auditLog: join(folder, 'audit.log'),
    path,
    pki,
    stopApiServer: (signal = 'SIGKILL') => processes.stop('kube-apiserver', signal),
    startApiServer,
    async stop() {
      const names = ['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd'];
      for (const name of names) await processes.stop(name, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
};
