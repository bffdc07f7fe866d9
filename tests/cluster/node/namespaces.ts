// The network namespace and the cgroups of a node: made before it starts, gone after it ends.

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const cgroups = '/sys/fs/cgroup';
const controllers = [
  ...['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids'],
  ...['systemd', 'unified'],
];

const ip = (...args: readonly string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
};

/**
 * A network without a link to the outside: both ends of a veth pair stay inside, one of them with
 * the node's address, since not every kernel has dummy devices.
 */
export const createNetwork = (name: string, address: string): void => {
  ip('netns', 'add', name);
  ip('-n', name, 'link', 'set', 'lo', 'up');
  ip('-n', name, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0p');
  ip('-n', name, 'link', 'set', 'eth0p', 'up');
  ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
  ip('-n', name, 'link', 'set', 'eth0', 'up');
  ip('-n', name, 'route', 'add', 'default', 'dev', 'eth0');
};

export const removeNetwork = (name: string): void => {
  if (existsSync(`/run/netns/${name}`)) ip('netns', 'del', name);
};

/** One cgroup in each hierarchy that is mounted here; gives the files that a process enters by. */
export const createCgroups = (name: string): readonly string[] =>
  controllers
    .filter((controller) => existsSync(join(cgroups, controller)))
    .map((controller) => {
      const folder = join(cgroups, controller, name);
      mkdirSync(folder, { recursive: true });
      if (controller === 'cpuset') {
        for (const file of ['cpuset.cpus', 'cpuset.mems']) {
          writeFileSync(join(folder, file), readFileSync(join(cgroups, controller, file)));
        }
        writeFileSync(join(folder, 'cgroup.clone_children'), '1');
      }
      return join(folder, 'cgroup.procs');
    });

const removeTree = (folder: string): void => {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  }
  rmdirSync(folder);
};

/** Waits until the kernel has let go of the last process in them. */
export const removeCgroups = async (name: string): Promise<void> => {
  const left = () =>
    controllers.map((each) => join(cgroups, each, name)).filter((each) => existsSync(each));
  for (let attempts = 0; left().length > 0; attempts++) {
    try {
      left().forEach(removeTree);
    } catch (error) {
      if (attempts === 100) throw error;
      await sleep(100);
    }
  }
};
