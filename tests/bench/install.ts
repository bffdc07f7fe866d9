// Installs the contenders' packages under tests/bench when they are not what the lock file says.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
}

const readLock = (path: string): Lock => JSON.parse(readFileSync(path, 'utf8')) as Lock;

const isInstalled = (): boolean => {
  const installed = `${here}node_modules/.package-lock.json`;
  if (!existsSync(installed)) return false;
  const { packages } = readLock(installed);
  const wanted = Object.entries(readLock(`${here}package-lock.json`).packages);
  return wanted.every(([name, { version }]) => name === '' || packages[name]?.version === version);
};

/** Runs `npm ci` with this Node first on PATH: isolated-vm brings binaries for Node 24 and 26. */
export const installContenders = (): void => {
  if (isInstalled()) return;
  const PATH = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  // No install scripts: the prebuilt binary is found when it is loaded, nothing is compiled here.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', args, {
    cwd: here,
    env: { ...process.env, PATH },
    stdio: ['ignore', process.stderr, process.stderr],
  });
  if (status !== 0) throw new Error('npm ci in tests/bench failed');
};
