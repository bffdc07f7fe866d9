// How long a cluster's operator is without a leader: after it was killed, and after it was told to
// end, which gives the lease back.

import { oursOf } from '../cluster/cluster.ts';
import type { InstalledCluster } from '../helpers/installed-cluster.ts';

const namespace = ['-n', 'paddock'] as const;

const leaderOf = async ({ kubectl }: InstalledCluster): Promise<string> => {
  const path = 'jsonpath={.spec.holderIdentity}';
  return kubectl(...namespace, 'get', 'lease', 'paddock-operator', '-o', path);
};

/** Ends the leader, and waits for another, then for two operators as before. */
const timeSuccession = async (
  cluster: InstalledCluster,
  end: (pod: string) => Promise<unknown>,
): Promise<number> => {
  const { kubectl, until } = cluster;
  const before = await leaderOf(cluster);
  const [pod = ''] = before.split('_');
  const since = performance.now();
  await end(pod);
  await until('another leads', async () => {
    const leader = await leaderOf(cluster);
    return leader !== '' && leader !== before;
  });
  const ms = performance.now() - since;
  await until('two operators are ready again', async () => {
    const selector = 'app.kubernetes.io/component=operator';
    const ready = 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}';
    const get = [...namespace, 'get', 'pods', '-l', selector, '-o'];
    return (await kubectl(...get, ready)) === 'True True';
  });
  return ms;
};

export interface Failover {
  readonly killed: readonly number[];
  readonly told: readonly number[];
}

export const measureFailover = async (
  cluster: InstalledCluster,
  rounds: number,
): Promise<Failover> => {
  const killed: number[] = [];
  const told: number[] = [];
  const { kubectl } = cluster;
  const kill = async (pod: string): Promise<void> => {
    const path = 'jsonpath={.status.containerStatuses[0].containerID}';
    const id = await kubectl(...namespace, 'get', 'pod', pod, '-o', path);
    await oursOf(cluster).killContainer(id.replace('containerd://', ''));
  };
  const tell = (pod: string) => kubectl(...namespace, 'delete', 'pod', pod, '--wait=false');
  for (let round = 0; round < rounds; round++) {
    killed.push(await timeSuccession(cluster, kill));
    told.push(await timeSuccession(cluster, tell));
  }
  return { killed, told };
};
