// npm run cluster:up, cluster:down and cluster:kubectl: a node that stays until it is told to go. A
// process of its own holds it, since a node ends with whoever started it.
//   up --control-plane   without a node: up in seconds, no root
//   PADDOCK_CLUSTER      the name of one of several

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { link, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureImages } from '../../scripts/images/build.ts';
import { again } from '../helpers/host.ts';
import { cacheFolder } from './build/build.ts';
import { startControlPlane, sweepControlPlanes } from './control-plane.ts';
import { hasEnded, isAlive } from './runner.ts';
import { startNode, sweepNodes, type ClusterNode } from './node/node.ts';

const name = process.env['PADDOCK_CLUSTER'] ?? 'default';
const folder = join(cacheFolder, 'up', name);
const record = join(folder, 'record.json');
const log = join(folder, 'log');

interface Record {
  readonly pid: number;
  readonly kubeconfig: string;
  /** Folders of kubectl and helm. */
  readonly path: string;
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const running = (): Record | undefined => {
  if (!existsSync(record)) return undefined;
  const found = JSON.parse(readFileSync(record, 'utf8')) as Record;
  return isAlive(found.pid) ? found : undefined;
};

/** Whole or not there at all, and only one at a time. */
const writeRecord = async (found: Record): Promise<void> => {
  const part = join(folder, String(found.pid));
  await writeFile(part, JSON.stringify(found));
  await link(part, record).finally(() => rm(part));
};

const startWithImages = async (): Promise<ClusterNode> => {
  const node = await startNode();
  for (const image of Object.values(await ensureImages())) {
    await node.importImage(image.archive);
    process.stderr.write(`imported ${image.name}\n`);
    if (image.name.includes('/runtime:')) await node.tagImage(image.name, `${image.name}${again}`);
  }
  return node;
};

/** Runs in the background until it is told to end. */
const hold = async (kind: string | undefined): Promise<void> => {
  const alone = kind === 'control-plane';
  const cluster = alone ? await startControlPlane() : await startWithImages();
  const { kubeconfig, path } = cluster;
  const end = async (): Promise<void> => {
    await cluster.stop();
    rmSync(folder, { recursive: true });
    process.exit();
  };
  process.once('SIGTERM', () => void end());
  try {
    await writeRecord({ pid: process.pid, kubeconfig, path });
  } catch (error) {
    await cluster.stop();
    throw error;
  }
};

const up = async (args: readonly string[]): Promise<void> => {
  const options = { 'control-plane': { type: 'boolean', default: false } } as const;
  const alone = parseArgs({ args: [...args], options }).values['control-plane'];
  if (running()) throw new Error(`${name} is up already: npm run cluster:down ends it`);
  mkdirSync(folder, { recursive: true });
  rmSync(record, { force: true });
  const file = openSync(log, 'a');
  const kind = alone ? 'control-plane' : 'node';
  const holder = spawn(process.execPath, [new URL(import.meta.url).pathname, 'hold', kind], {
    detached: true,
    stdio: ['ignore', file, file],
  });
  say(`starting a ${kind}; what is missing is built first (${log})`);
  while (running()?.pid !== holder.pid) {
    if (hasEnded(holder)) throw new Error(readFileSync(log, 'utf8'));
    await sleep(200);
  }
  holder.unref();
  say(`export KUBECONFIG=${running()?.kubeconfig ?? ''}`);
  if (!alone) say('export PADDOCK_TEST_IMAGES=localhost');
};

const down = async (): Promise<void> => {
  const found = running();
  if (found) {
    process.kill(found.pid, 'SIGTERM');
    while (isAlive(found.pid)) await sleep(100);
  }
  const swept = [...(await sweepNodes()), ...(await sweepControlPlanes())];
  say(found ? `${name} is gone` : `${name} was not up; ${swept.length} left behind were removed`);
};

const kubectl = (args: readonly string[]): void => {
  const found = running();
  if (!found) throw new Error(`${name} is not up: npm run cluster:up starts it`);
  const env = { ...process.env, PATH: found.path, KUBECONFIG: found.kubeconfig };
  process.exitCode = spawnSync('kubectl', args, { env, stdio: 'inherit' }).status ?? 1;
};

const [verb, ...args] = process.argv.slice(2);
if (verb === 'up') await up(args);
else if (verb === 'down') await down();
else if (verb === 'kubectl') kubectl(args);
else if (verb === 'hold') await hold(args[0]);
else throw new Error(`expected up, down or kubectl, got ${verb ?? 'nothing'}`);
