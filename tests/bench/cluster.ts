// npm run bench:cluster: how long a pool takes on a real node with gVisor, as root on Debian.
//   --quick       fewer rounds
//   --json FILE   writes every figure

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { account, mayExecute } from '../helpers/callers.ts';
import {
  callFrom,
  clientPod,
  installCluster,
  restrictedNamespace,
} from '../helpers/installed-cluster.ts';
import { measureFailover } from './failover.ts';
import { summarise } from './statistics.ts';
import { formatMs, formatTable } from './table.ts';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});
const rounds = options.quick ? 1 : 5;
const replicas = 3;

const begun = performance.now();
const cluster = await installCluster();
const { apply, condition, images, kubectl, until } = cluster;
const installedMs = cluster.installMs;
const startedMs = performance.now() - begun;
/** helm install is the last of it. */
const helmSince = performance.now() - installedMs;

const pool = (name: string, count: number) => ({
  apiVersion: 'paddock.dev/v1alpha1',
  kind: 'SandboxPool',
  metadata: { name, namespace: 'shop' },
  spec: { replicas: count },
});

const isReady = (name: string, ready: number) => () =>
  condition(name, 'shop', 'Ready').then(async ({ status }) => {
    const path = 'jsonpath={.status.ready}';
    const pods = await kubectl('-n', 'shop', 'get', 'sbp', name, '-o', path);
    return status === 'True' && pods === String(ready);
  });

const timed = async (run: () => Promise<unknown>): Promise<number> => {
  const since = performance.now();
  await run();
  return performance.now() - since;
};

const figures: Record<string, number[]> = {
  ...{ poolReady: [], firstResult: [], podReady: [], scaleUp: [], installToResult: [] },
};
try {
  await apply(restrictedNamespace('shop'), restrictedNamespace('customer'));
  await apply(account('customer', 'client'), mayExecute('shop', 'customer', 'client'));
  for (let round = 0; round < rounds; round++) {
    const name = `pool${round}`;
    await apply(clientPod('customer', images.router, `${name}.shop.sandboxpools.paddock.dev`));
    await kubectl('-n', 'customer', 'wait', '--for=condition=Ready', 'pod/client', '--timeout=60s');
    const url = `http://${name}.shop.svc/execute`;
    const ready = await timed(async () => {
      await apply(pool(name, replicas));
      await until('Ready', isReady(name, replicas));
    });
    figures['poolReady']?.push(ready);
    const call = await timed(async () => {
      await until('a result', async () => {
        const [answer] = await callFrom(cluster, 'customer', [{ url, body: { script: '1' } }]);
        return answer?.code === 200;
      });
    });
    figures['firstResult']?.push(ready + call);
    if (round === 0) figures['installToResult']?.push(performance.now() - helmSince);
    const since = performance.now();
    await kubectl('-n', 'shop', 'scale', `sbp/${name}`, `--replicas=${replicas + 1}`);
    const more = `--for=jsonpath={.status.ready}=${replicas + 1}`;
    await kubectl('-n', 'shop', 'wait', `sbp/${name}`, more, '--timeout=60s');
    figures['podReady']?.push(performance.now() - since);
    await until('one more', isReady(name, replicas + 1));
    figures['scaleUp']?.push(performance.now() - since);
    await kubectl('-n', 'shop', 'delete', 'sbp', name);
    await kubectl('-n', 'customer', 'delete', 'pod', 'client');
  }
  Object.assign(figures, await measureFailover(cluster, rounds));
} finally {
  await cluster.stop();
}

const row = (what: string, times: readonly number[]) => {
  const { p50, min } = summarise(times);
  return [what, ...[p50, min, Math.max(...times)].map(formatMs)];
};
process.stdout.write(
  `${formatTable([
    ['', 'p50', 'min', 'max'],
    row('node, images and chart', [startedMs]),
    row('helm install', [installedMs]),
    row(
      'helm install to the first result, a client pod included',
      figures['installToResult'] ?? [],
    ),
    row(`a pool of ${replicas} and two routers: applied to Ready`, figures['poolReady'] ?? []),
    row('applied to first result', figures['firstResult'] ?? []),
    row('one more pod: scaled to the pod Ready', figures['podReady'] ?? []),
    row(
      'and to the pool Ready, two seconds of which are minReadySeconds',
      figures['scaleUp'] ?? [],
    ),
    row('operator: leader killed, another leads', figures['killed'] ?? []),
    row('operator: leader told to end, another leads', figures['told'] ?? []),
  ])}\n`,
);
if (options.json !== undefined) {
  writeFileSync(options.json, JSON.stringify({ startedMs, installedMs, ...figures }, undefined, 2));
}
