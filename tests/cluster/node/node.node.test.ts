// A node leaves nothing behind, also when whoever started it is killed, and two do not meet.

import test from 'ava';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { onOurs } from '../cluster.ts';
import { startNode, sweepNodes } from './node.ts';

const needsNode = onOurs(test.serial, 'the node itself');

const lines = (file: string, ...args: readonly string[]): readonly string[] =>
  execFileSync(file, args, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');

const cgroups = (): readonly string[] =>
  readdirSync('/sys/fs/cgroup').flatMap((controller) => {
    const folder = `/sys/fs/cgroup/${controller}`;
    const names = existsSync(`${folder}/cgroup.procs`) ? readdirSync(folder) : [];
    return names.filter((name) => name.startsWith('paddock-')).map((name) => `${folder}/${name}`);
  });

/** Of a node, and not of a control plane that another test has: all of it names the folder. */
const ofNode = /\/cluster\/nodes\/|containerd|runsc|coredns|socat/;

/** Without those that have ended and wait for process 1 of the machine to take note of it. */
const processes = (): readonly string[] =>
  lines('ps', '-eo', 'stat,args')
    .filter((line) => !line.startsWith('Z') && ofNode.test(line))
    .map((line) => line.replace(/^\S+\s+/, ''));

/** What a node makes outside of its own namespaces. */
const traces = () => ({
  mounts: readFileSync('/proc/self/mounts', 'utf8').split('\n').length,
  networks: existsSync('/run/netns') ? readdirSync('/run/netns') : [],
  cgroups: cgroups(),
  // By its path: npm puts a package of that name first.
  rules: lines('/usr/sbin/nft', 'list', 'ruleset'),
  processes: processes(),
  sockets: lines('ss', '-Htlnp').filter((line) => line.includes('socat')),
});

/** The kernel takes a moment to let go of what was in a namespace. */
const settled = async (before: ReturnType<typeof traces>) => {
  for (let attempts = 0; attempts < 100; attempts++) {
    if (JSON.stringify(traces()) === JSON.stringify(before)) break;
    await sleep(100);
  }
  return traces();
};

needsNode('a node that was stopped has left nothing', async (t) => {
  await sweepNodes();
  const before = traces();
  const node = await startNode();
  t.notDeepEqual(traces(), before);
  await node.stop();
  t.deepEqual(await settled(before), before);
  t.false(existsSync(node.root));
});

needsNode('a node whose runner was killed ends, and the next start removes the rest', async (t) => {
  const before = traces();
  const url = new URL('./node.ts', import.meta.url).href;
  const script =
    `const { startNode } = await import('${url}');` + 'console.log((await startNode()).root);';
  const runner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let root = '';
  for await (const line of createInterface(runner.stdout)) {
    root = line;
    break;
  }
  t.true(existsSync(root));
  runner.kill('SIGKILL');
  await new Promise((resolve) => runner.once('exit', resolve));
  t.deepEqual(await sweepNodes(), [root.split('/').at(-1)]);
  t.deepEqual(await settled(before), before);
  t.false(existsSync(root));
});

needsNode('two nodes at once do not meet', async (t) => {
  const before = traces();
  const [one, other] = await Promise.all([startNode(), startNode()]);
  const names = [one, other].map((node) => {
    const env = { PATH: node.path, KUBECONFIG: node.kubeconfig, HOME: node.root };
    return execFileSync('kubectl', ['get', 'nodes', '-o', 'name'], { env, encoding: 'utf8' });
  });
  t.is(new Set(names).size, 2);
  await Promise.all([one.stop(), other.stop()]);
  t.deepEqual(await settled(before), before);
});
