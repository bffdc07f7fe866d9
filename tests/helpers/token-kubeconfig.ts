// A kubeconfig of whoever holds a token, for the cluster that another kubeconfig names.

import { KubeConfig } from '@kubernetes/client-node';
import { writeFile } from 'node:fs/promises';

export const writeTokenKubeconfig = async (
  path: string,
  kubeconfig: string,
  token: string,
): Promise<void> => {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error(`${kubeconfig}: expected a current context, got none`);
  const { server, caData, caFile, skipTLSVerify } = cluster;
  const authority = {
    ...(caData === undefined ? {} : { 'certificate-authority-data': caData }),
    ...(caFile === undefined ? {} : { 'certificate-authority': caFile }),
    ...(skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
  };
  const text = JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'holder' },
    clusters: [{ name: 'holder', cluster: { server, ...authority } }],
    users: [{ name: 'holder', user: { token } }],
    contexts: [{ name: 'holder', context: { cluster: 'holder', user: 'holder' } }],
  });
  await writeFile(path, text, { mode: 0o600 });
};
