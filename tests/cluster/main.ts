// npm run cluster:up, cluster:down and cluster:kubectl: a node that stays until it is told to go. A
// process of its own holds it, since a node ends with whoever started it.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureImages } from '../../scripts/images/build.ts';
import { again } from '../helpers/host.ts';
import { cacheFolder } from './build/build.ts';
import { isAlive } from './runner.ts';
import { startNode, sweepNodes } from './node/node.ts';

const folder = join(cacheFolder, 'up');
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

/** Runs in the background until it is told to end. */
const hold = async (): Promise<void> => {
  const node = await startNode();
  for (const { name, archive } of Object.values(await ensureImages())) {
    await node.importImage(archive);
    process.stderr.write(`imported ${name}\n`);
    if (name.includes('/runtime:')) await node.tagImage(name, `${name}${again}`);
  }
  const { kubeconfig, path } = node;
  writeFileSync(record, JSON.stringify({ pid: process.pid, kubeconfig, path }));
  const end = async (): Promise<void> => {
    await node.stop();
    rmSync(record);
    process.exit();
  };
  process.once('SIGTERM', () => void end());
};

const up = async (): Promise<void> => {
  if (running()) throw new Error('a node is up already: npm run cluster:down ends it');
  mkdirSync(folder, { recursive: true });
  rmSync(record, { force: true });
  const file = openSync(log, 'w');
  const holder = spawn(process.execPath, [new URL(import.meta.url).pathname, 'hold'], {
    detached: true,
    stdio: ['ignore', file, file],
  });
  say(`starting a node; what is missing is built first (${log})`);
  while (!running()) {
    if (holder.exitCode !== null) throw new Error(readFileSync(log, 'utf8'));
    await sleep(200);
  }
  holder.unref();
  const { kubeconfig = '' } = running() ?? {};
  say(`the node is up, with Paddock's images on it\nexport KUBECONFIG=${kubeconfig}`);
  say('export PADDOCK_TEST_IMAGES=localhost');
};

const down = async (): Promise<void> => {
  const found = running();
  if (found) {
    process.kill(found.pid, 'SIGTERM');
    while (isAlive(found.pid)) await sleep(100);
  }
  const swept = await sweepNodes();
  say(found ? 'the node is gone' : `no node was up; ${swept.length} left behind were removed`);
};

const kubectl = (args: readonly string[]): void => {
  const found = running();
  if (!found) throw new Error('no node is up: npm run cluster:up starts one');
  const env = { ...process.env, PATH: found.path, KUBECONFIG: found.kubeconfig };
  process.exitCode = spawnSync('kubectl', args, { env, stdio: 'inherit' }).status ?? 1;
};

const [verb, ...args] = process.argv.slice(2);
if (verb === 'up') await up();
else if (verb === 'down') await down();
else if (verb === 'kubectl') kubectl(args);
else if (verb === 'hold') await hold();
else throw new Error(`expected up, down or kubectl, got ${verb ?? 'nothing'}`);
