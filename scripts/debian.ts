// Debian's packages that a script or a test needs beside what npm brings.

import { execFileSync } from 'node:child_process';

/** Installs them as root, quietly; says so first. Does nothing when there are none. */
export const installPackages = (names: readonly string[], say: (text: string) => void): void => {
  if (names.length === 0) return;
  say(`installing ${names.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'inherit' });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], {
    env,
    stdio: 'inherit',
  });
};
