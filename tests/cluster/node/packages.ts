// The Debian packages that a node needs beside what is built: container tools and network tools.

import { spawnSync } from 'node:child_process';
import { installPackages } from '../../../scripts/debian.ts';

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
  if (process.getuid?.() !== 0) throw new Error('a node needs root: it makes namespaces');
  installPackages(missing(), say);
};
