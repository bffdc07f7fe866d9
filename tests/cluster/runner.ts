// Whoever starts a cluster writes its process into the cluster's folder, so that the next one finds
// what a runner that was killed has left.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const file = 'runner.pid';

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export const signFolder = (folder: string): void => {
  writeFileSync(join(folder, file), String(process.pid));
};

/** Names of folders below `parent` that begin with `prefix` and whose runner is gone. */
export const abandonedIn = (parent: string, prefix: string): readonly string[] =>
  (existsSync(parent) ? readdirSync(parent) : []).filter((name) => {
    if (!name.startsWith(prefix)) return false;
    const signature = join(parent, name, file);
    return !existsSync(signature) || !isAlive(Number(readFileSync(signature, 'utf8')));
  });
