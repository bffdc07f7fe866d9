// The Debian packages that a node needs beside what is built: container tools and network tools.

import { execFileSync, spawnSync } from 'node:child_process';

const packages = [
  ...['runc', 'containernetworking-plugins', 'iptables', 'nftables', 'conntrack', 'socat'],
  ...['ethtool', 'iproute2', 'busybox-static', 'gcc', 'libc6-dev', 'curl', 'procps'],
];

const missing = (): readonly string[] =>
  packages.filter(
    (name) =>
      spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' }).stdout !==
      'install ok installed',
  );

/** Installs those that are missing. Throws when we may not. */
export const ensurePackages = (say: (text: string) => void): void => {
  const wanted = missing();
  if (process.getuid?.() !== 0) throw new Error('a node needs root: it makes namespaces');
  if (wanted.length === 0) return;
  say(`installing ${wanted.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'inherit' });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted], {
    env,
    stdio: 'inherit',
  });
};
