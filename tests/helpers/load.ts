// Load on a pool: from the network of our node, which goes on whatever happens to its API server,
// or from a pod of a cluster that is not ours.

import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { clientPod, type InstalledCluster } from './installed-cluster.ts';
import type { LoadPlan, Report } from './load-report.ts';

export interface Load {
  /** Lets the calls under way end, and tells how all of them did. */
  readonly stop: () => Promise<Report>;
}

const file = fileURLToPath(new URL('./load-process.ts', import.meta.url));
const namespace = 'customer';
const stdio = ['pipe', 'pipe', 'inherit'] as const;

const startInPod = async (cluster: InstalledCluster, plan: string): Promise<ChildProcess> => {
  const { apply, env, images, kubectl } = cluster;
  const pod = clientPod(namespace, images.router, 'unused');
  const [container] = pod.spec.containers;
  const program = { name: 'program', mountPath: '/load' };
  await apply(
    {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'load', namespace } },
      data: { 'load.ts': await readFile(file, 'utf8') },
    },
    {
      ...pod,
      metadata: { name: 'load', namespace },
      spec: {
        ...pod.spec,
        containers: [{ ...container, volumeMounts: [...(container?.volumeMounts ?? []), program] }],
        volumes: [...pod.spec.volumes, { name: 'program', configMap: { name: 'load' } }],
      },
    },
  );
  await kubectl('-n', namespace, 'wait', '--for=condition=Ready', 'pod/load', '--timeout=120s');
  const exec = ['-n', namespace, 'exec', '-i', 'load', '--', '/usr/bin/node', '/load/load.ts'];
  return spawn('kubectl', [...exec, plan], { env, stdio: [...stdio] });
};

/** Needs the ServiceAccount `client` in the namespace `customer`. */
export const startLoad = async (cluster: InstalledCluster, plan: LoadPlan): Promise<Load> => {
  const argument = JSON.stringify(plan);
  const network = cluster.ours?.network;
  const child =
    network === undefined
      ? await startInPod(cluster, argument)
      : spawn('nsenter', [`--net=${network}`, process.execPath, file, argument], {
          stdio: [...stdio],
        });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const ended = new Promise((resolve) => child.once('close', resolve));
  return {
    async stop() {
      child.stdin?.end();
      await ended;
      return JSON.parse(text) as Report;
    },
  };
};
