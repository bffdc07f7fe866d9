// Docker and podman as users have them, from Debian's packages: extracted, not installed, which
// could start a daemon for the whole machine. All that they write is in a folder of their own.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { existsSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cache, ensurePrograms } from '../../scripts/images/context.ts';
import { hasEnded } from '../cluster/runner.ts';

const run = promisify(execFile);

export interface Engine {
  /** Calls the command line of its users. */
  readonly call: (...args: readonly string[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const packages = ['docker.io', 'containerd', 'podman', 'conmon'];

/** PATH with their programs; the libraries that those load come with buildah. */
const ensureEngines = (): string => {
  const folder = join(cache, 'engines');
  if (!existsSync(folder)) {
    ensurePrograms('buildah');
    const part = mkdtempSync(`${folder}-`);
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    execFileSync('apt-get', ['download', '-qq', ...packages], { cwd: part, stdio: 'inherit' });
    for (const file of readdirSync(part)) execFileSync('dpkg-deb', ['-x', join(part, file), part]);
    renameSync(part, folder);
  }
  return [`${folder}/usr/sbin`, `${folder}/usr/bin`, process.env['PATH'] ?? ''].join(':');
};

export const startPodman = (): Engine => {
  const folder = mkdtempSync(join(tmpdir(), 'paddock-podman-'));
  const env = { PATH: ensureEngines(), HOME: folder };
  const places = ['root', 'runroot', 'tmpdir'].flatMap((name) => [`--${name}`, join(folder, name)]);
  const options = [...places, '--storage-driver', 'overlay', '--events-backend', 'none'];
  return {
    async call(...args) {
      await run('podman', [...options, ...args], { env });
    },
    stop: () => rm(folder, { recursive: true }),
  };
};

/** A network, mounts and process ids of the daemon's own; it ends with whoever started it. */
const namespaces = [
  ...['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private'],
  ...['--net', '--ipc', '--uts', '--pid', '--mount-proc', '--fork', '--kill-child'],
];

export const startDocker = async (): Promise<Engine> => {
  const folder = mkdtempSync(join(tmpdir(), 'paddock-docker-'));
  const place = (name: string): string => join(folder, name);
  const host = `unix://${place('socket')}`;
  // Docker of Debian's age builds as later ones do only when it is told to.
  const env = { PATH: ensureEngines(), HOME: folder, DOCKER_HOST: host, DOCKER_BUILDKIT: '1' };
  writeFileSync(place('daemon.json'), JSON.stringify({ 'deprecated-key-path': place('key') }));
  const log = openSync(place('log'), 'a');
  const [program = '', ...words] = [
    ...[...namespaces, 'dockerd', '--config-file', place('daemon.json'), '--host', host],
    ...['--data-root', place('data'), '--exec-root', place('exec'), '--pidfile', place('pid')],
    ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
  ];
  const daemon = spawn(program, words, { env, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise((resolve) => daemon.once('close', resolve));
  while (!existsSync(place('socket'))) {
    if (hasEnded(daemon)) throw new Error(readFileSync(place('log'), 'utf8'));
    await sleep(50);
  }
  return {
    async call(...args) {
      await run(join(cache, 'engines/usr/bin/docker'), args, { env });
    },
    async stop() {
      daemon.kill('SIGKILL');
      await ended;
      // The kernel ends the rest of its namespace a moment later.
      await rm(folder, { recursive: true, maxRetries: 50, retryDelay: 100 });
    },
  };
};
