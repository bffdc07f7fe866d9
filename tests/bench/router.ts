// npm run bench:router: what the router adds to a call. An echo behind mutual TLS, called directly
// and through the router in turn, 1 kB bodies in an open loop, callers known.
//   --quick       shorter
//   --rate N      calls per second, 1000 unless told
//   --json FILE   writes every figure

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Agent, request } from 'undici';
import { runtimeServerName } from '../../contract/pool/names.ts';
import { issue } from '../../operator/certificates/issue.ts';
import { freePort } from '../cluster/ports.ts';
import { cpuMs } from './server-process.ts';
import { summarise, type Summary } from './statistics.ts';
import { formatMs, formatTable } from './table.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rate: { type: 'string', default: '1000' },
    json: { type: 'string' },
  },
});
const rate = Number(options.rate);
/** The first seconds measure V8's compilers. */
const plan = options.quick
  ? { rounds: 2, secondsEach: 2, secondsBefore: 2 }
  : { rounds: 5, secondsEach: 5, secondsBefore: 15 };

const processFile = fileURLToPath(new URL('./router-process.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'paddock-bench-'));
const issued = await issue('bench', 'bench', Date.now());
const files = {
  'ca.crt': issued.ca,
  'router.crt': issued.router.cert,
  'router.key': issued.router.key,
  'runtime.crt': issued.runtime.cert,
  'runtime.key': issued.runtime.key,
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);

const body = JSON.stringify({
  sandbox_id: 'bench',
  init_script: '',
  script: '1+1',
  input: 'x'.repeat(950),
});

const start = (...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [processFile, ...args], { stdio: 'inherit' });

const [echoPort, routerPort, barePort] = [await freePort(), await freePort(), await freePort()];
const echoUrl = `https://127.0.0.1:${echoPort}`;
const echo = start('echo', String(echoPort), folder);
const router = start('router', String(routerPort), folder, echoUrl);
const bare = start('bare', String(barePort), folder, echoUrl);

const tls = { ca: issued.ca, cert: issued.router.cert, key: issued.router.key };
const servername = runtimeServerName('bench', 'bench');
/** As many as a busy client keeps; a handshake for each call would be all that is measured. */
const connections = 32;
const targets = {
  direct: {
    origin: echoUrl,
    agent: new Agent({ connections, connect: { ...tls, servername } }),
  },
  bare: { origin: `http://127.0.0.1:${barePort}`, agent: new Agent({ connections }) },
  router: { origin: `http://127.0.0.1:${routerPort}`, agent: new Agent({ connections }) },
} as const;
type Target = keyof typeof targets;

const headers = { 'content-type': 'application/json', authorization: 'Bearer bench' };

const call = async (target: Target): Promise<number> => {
  const { origin, agent: dispatcher } = targets[target];
  const begin = performance.now();
  const answer = await request(`${origin}/execute`, { method: 'POST', dispatcher, headers, body });
  const text = await answer.body.text();
  if (answer.statusCode !== 200 || text !== body) throw new Error(`${answer.statusCode}: ${text}`);
  return performance.now() - begin;
};

/** Calls that start by the clock, whether or not those before have ended. */
const openLoop = async (target: Target, seconds: number): Promise<readonly number[]> => {
  const calls: Promise<number>[] = [];
  const begin = performance.now();
  for (let due = 0; due < seconds * rate;) {
    due = Math.min(seconds * rate, ((performance.now() - begin) / 1000) * rate);
    while (calls.length < due) calls.push(call(target));
    await sleep(1);
  }
  return Promise.all(calls);
};

const names = Object.keys(targets) as readonly Target[];
const processes: Partial<Record<Target, ChildProcess>> = { bare, router };
const times: Record<Target, number[]> = { direct: [], bare: [], router: [] };
const cpu: Record<Target, number> = { direct: 0, bare: 0, router: 0 };

/** CPU time of all threads of the process that a target adds; none for `direct`. */
const cpuOf = (target: Target): number => {
  const child = processes[target];
  return child ? cpuMs({ child, port: '', readyMs: 0 }) : 0;
};

const answers = (target: Target): Promise<boolean> =>
  call(target).then(
    () => true,
    () => false,
  );

try {
  for (const target of names) {
    while (!(await answers(target))) await sleep(50);
    await openLoop(target, plan.secondsBefore);
  }
  for (let round = 0; round < plan.rounds; round++) {
    for (const target of names) {
      const before = cpuOf(target);
      times[target].push(...(await openLoop(target, plan.secondsEach)));
      cpu[target] += cpuOf(target) - before;
    }
  }
} finally {
  for (const child of [echo, bare, router]) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}

const figuresOf = (target: Target): Summary & { readonly cpuMs: number } => ({
  ...summarise(times[target]),
  cpuMs: cpu[target] / times[target].length,
});
const figures = {
  direct: figuresOf('direct'),
  bare: figuresOf('bare'),
  router: figuresOf('router'),
};
const labels: Readonly<Record<Target, string>> = {
  direct: 'direct',
  bare: 'through a bare proxy',
  router: 'through the router',
};
process.stdout.write(
  `${rate} calls a second, ${body.length} bytes, mutual TLS, callers known, ` +
    `${plan.secondsBefore} s before the first that counts\n\n` +
    `${formatTable([
      ['', 'p50', 'p99', 'added at p50', 'CPU for each call'],
      ...names.map((target) => {
        const { p50, p99, cpuMs: each } = figures[target];
        const added = formatMs(p50 - figures.direct.p50);
        return [labels[target], formatMs(p50), formatMs(p99), added, formatMs(each)];
      }),
    ])}\n`,
);
if (options.json !== undefined) {
  writeFileSync(options.json, JSON.stringify({ rate, figures }, undefined, 2));
}
for (const { agent } of Object.values(targets)) await agent.destroy();
