// Writes the folder of keys, certificates and kubeconfigs that a cluster's programs read.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createAuthority,
  kubeconfigOf,
  tokenKeys,
  type Authority,
  type Leaf,
} from './certificates.ts';
import { auditPolicy } from './flags.ts';

export interface Pki {
  readonly folder: string;
  readonly authority: Authority;
  /** Writes `<name>.conf`, a kubeconfig for the user, and gives its path. */
  readonly kubeconfig: (
    name: string,
    user: string,
    groups?: readonly string[],
    /** Another way to the API server than the one that its programs take. */
    server?: string,
  ) => Promise<string>;
}

const write = async (path: string, text: string): Promise<void> => {
  await writeFile(path, text, { mode: 0o600 });
};

const leaves = (address: string, node: string): Readonly<Record<string, Leaf>> => ({
  apiserver: {
    user: 'kube-apiserver',
    use: 'server',
    ip: ['127.0.0.1', '10.96.0.1', address],
    dns: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
  },
  'kubelet-server': { user: node, use: 'server', ip: ['127.0.0.1', address], dns: [node] },
  'kubelet-client': { user: 'kubelet-client', groups: ['paddock:kubelet-api'], use: 'client' },
  'front-proxy': { user: 'front-proxy-client', use: 'client' },
});

const users = (node: string): Readonly<Record<string, readonly [string, ...string[]]>> => ({
  admin: ['admin', 'system:masters'],
  controllers: ['system:kube-controller-manager'],
  scheduler: ['system:kube-scheduler'],
  proxy: ['system:kube-proxy'],
  kubelet: [`system:node:${node}`, 'system:nodes'],
});

/** @param server the API server's address, as `https://127.0.0.1:6443` */
export const createPki = async (
  folder: string,
  server: string,
  { address = '127.0.0.1', node = 'node' } = {},
): Promise<Pki> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const authority = await createAuthority();
  await write(join(folder, 'ca.crt'), authority.certificate);
  await write(join(folder, 'ca.key'), authority.key);
  const tokens = tokenKeys();
  await write(join(folder, 'sa.key'), tokens.privateKey);
  await write(join(folder, 'sa.pub'), tokens.publicKey);
  await write(join(folder, 'audit-policy.json'), JSON.stringify(auditPolicy));
  for (const [name, leaf] of Object.entries(leaves(address, node))) {
    const pair = await authority.issue(leaf);
    await write(join(folder, `${name}.crt`), pair.certificate);
    await write(join(folder, `${name}.key`), pair.key);
  }
  const kubeconfig: Pki['kubeconfig'] = async (name, user, groups = [], through = server) => {
    const pair = await authority.issue({ user, groups, use: 'client' });
    const path = join(folder, `${name}.conf`);
    await write(path, kubeconfigOf(through, authority.certificate, pair));
    return path;
  };
  for (const [name, [user, ...groups]] of Object.entries(users(node))) {
    await kubeconfig(name, user, groups);
  }
  return { folder, authority, kubeconfig };
};
