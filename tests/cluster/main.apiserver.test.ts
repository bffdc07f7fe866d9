// npm run cluster:up, cluster:kubectl and cluster:down, as a person calls them, without a node.

import test from 'ava';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { onOurs } from './cluster.ts';

const run = promisify(execFile);
const onProcesses = onOurs(test.serial, 'an API server that may be killed');
const main = new URL('./main.ts', import.meta.url).pathname;
const names = ['one', 'other'].map((name) => `test-${process.pid}-${name}`);

const call = async (cluster: string, ...args: readonly string[]): Promise<string> => {
  const env = { ...process.env, PADDOCK_CLUSTER: cluster };
  return (await run(process.execPath, [main, ...args], { env })).stdout;
};

const identify = (cluster: string): Promise<string> =>
  call(cluster, 'kubectl', 'get', 'namespace', 'default', '-o', 'jsonpath={.metadata.uid}');

test.after.always(() => Promise.all(names.map((name) => call(name, 'down'))));

onProcesses('two are up at once by their names, each until it is told to go', async (t) => {
  const said = await Promise.all(names.map((name) => call(name, 'up', '--control-plane')));
  const kubeconfigs = said.map((text) => /^export KUBECONFIG=(.+)$/m.exec(text)?.[1] ?? '');
  for (const kubeconfig of kubeconfigs) t.true(existsSync(kubeconfig));
  t.is(new Set(await Promise.all(names.map(identify))).size, 2);

  const [one = '', other = ''] = names;
  await t.throwsAsync(call(one, 'up', '--control-plane'), { message: /is up already/ });
  t.is(await call(one, 'down'), `${one} is gone\n`);
  t.deepEqual(kubeconfigs.map(existsSync), [false, true]);
  await t.throwsAsync(identify(one), { message: /is not up: npm run cluster:up starts it/ });
  t.not(await identify(other), '');
  t.is(await call(other, 'down'), `${other} is gone\n`);
  t.deepEqual(kubeconfigs.map(existsSync), [false, false]);
});
