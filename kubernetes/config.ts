// Where the API server is and who we are: inside a pod its ServiceAccount, elsewhere a kubeconfig.

import { KubeConfig } from '@kubernetes/client-node';
import { Client } from './client.ts';

/**
 * Connects as `kubeconfig` says, or as the pod's ServiceAccount, or as the user's own kubeconfig.
 * Throws when none of them names a cluster.
 */
export const connect = (kubeconfig?: string): Client => {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  return new Client(config);
};
