// Whoever starts a cluster writes its process into the cluster's folder, so that the next one finds
// what a runner that was killed has left.

import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const file = 'runner.pid';

/** A folder without a signature that is younger belongs to one who is about to sign it. */
const unsignedMs = 60_000;

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

export const signFolder = (folder: string): void => {
  writeFileSync(join(folder, file), String(process.pid));
};

const signerOf = (folder: string): number | undefined => {
  try {
    return Number(readFileSync(join(folder, file), 'utf8'));
  } catch {
    return undefined;
  }
};

const isAbandoned = (folder: string): boolean => {
  const signer = signerOf(folder);
  if (signer !== undefined) return !isAlive(signer);
  const found = statSync(folder, { throwIfNoEntry: false });
  return found !== undefined && found.mtimeMs < Date.now() - unsignedMs;
};

/** Names of folders below `parent` that begin with `prefix` and whose runner is gone. */
export const abandonedIn = (parent: string, prefix: string): readonly string[] =>
  (existsSync(parent) ? readdirSync(parent) : []).filter(
    (name) => name.startsWith(prefix) && isAbandoned(join(parent, name)),
  );
