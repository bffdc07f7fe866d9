// A control plane leaves nothing behind, also when whoever started it is killed; two do not meet.

import test from 'ava';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { onOurs } from './cluster.ts';
import { startControlPlane, sweepControlPlanes } from './control-plane.ts';

const onProcesses = onOurs(test, 'an API server that may be killed');

/** Processes that name a folder. */
const processesOf = (folder: string): readonly string[] =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    .split('\n')
    .filter((line) => line.includes(folder));

/** How many processes name a folder, once they are as many as expected, or after ten seconds. */
const settledAt = async (folder: string, count: number): Promise<number> => {
  for (let attempts = 0; attempts < 100; attempts++) {
    if (processesOf(folder).length === count) break;
    await sleep(100);
  }
  return processesOf(folder).length;
};

/** etcd, the API server, the controllers and the scheduler. */
const programs = 4;

onProcesses('two at once do not meet, and those that were stopped have left nothing', async (t) => {
  const planes = await Promise.all([startControlPlane(), startControlPlane()]);
  const ids = planes.map(({ path, kubeconfig, pki }) => {
    const env = { PATH: path, KUBECONFIG: kubeconfig, HOME: pki.folder };
    const uid = ['get', 'namespace', 'default', '-o', 'jsonpath={.metadata.uid}'];
    return execFileSync('kubectl', uid, { env, encoding: 'utf8' });
  });
  t.is(new Set(ids).size, 2);
  const folders = planes.map(({ pki }) => dirname(pki.folder));
  for (const folder of folders) t.is(await settledAt(folder, programs), programs);
  await Promise.all(planes.map((plane) => plane.stop()));
  for (const folder of folders) {
    t.is(await settledAt(folder, 0), 0);
    t.false(existsSync(folder));
  }
});

onProcesses('one whose runner was killed ends, and the next start removes the rest', async (t) => {
  const url = new URL('./control-plane.ts', import.meta.url).href;
  const script =
    `const { startControlPlane } = await import('${url}');` +
    'console.log((await startControlPlane()).pki.folder);';
  const runner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let folder = '';
  for await (const line of createInterface(runner.stdout)) {
    folder = dirname(line);
    break;
  }
  t.is(await settledAt(folder, programs), programs);
  runner.kill('SIGKILL');
  await new Promise((resolve) => runner.once('exit', resolve));
  t.is(await settledAt(folder, 0), 0);
  // Another file's start may have removed it already.
  await sweepControlPlanes();
  t.false(existsSync(folder));
});
