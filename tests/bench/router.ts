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
const plan = options.quick ? { rounds: 2, secondsEach: 2 } : { rounds: 5, secondsEach: 5 };

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

const [echoPort, routerPort] = [await freePort(), await freePort()];
const echoUrl = `https://127.0.0.1:${echoPort}`;
const echo = start('echo', String(echoPort), folder);
const router = start('router', String(routerPort), folder, echoUrl);

const tls = { ca: issued.ca, cert: issued.router.cert, key: issued.router.key };
const servername = runtimeServerName('bench', 'bench');
/** As many as a busy client keeps; a handshake for each call would be all that is measured. */
const connections = 32;
const targets = {
  direct: {
    origin: echoUrl,
    agent: new Agent({ connections, connect: { ...tls, servername } }),
  },
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

const times: Record<Target, number[]> = { direct: [], router: [] };
let routerCpuMs = 0;
try {
  while (
    !(await call('router').then(
      () => true,
      () => false,
    ))
  )
    await sleep(50);
  for (const target of ['direct', 'router'] as const) await openLoop(target, 2);
  for (let round = 0; round < plan.rounds; round++) {
    times.direct.push(...(await openLoop('direct', plan.secondsEach)));
    const running = { child: router, port: '', readyMs: 0 };
    const before = cpuMs(running);
    times.router.push(...(await openLoop('router', plan.secondsEach)));
    routerCpuMs += cpuMs(running) - before;
  }
} finally {
  for (const child of [echo, router]) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}

const figures: Readonly<Record<Target, Summary>> = {
  direct: summarise(times.direct),
  router: summarise(times.router),
};
const cpuEach = routerCpuMs / figures.router.runs;
const row = (name: string, { p50, p99 }: Summary) => [name, formatMs(p50), formatMs(p99)];
process.stdout.write(
  `${rate} calls a second, ${body.length} bytes, mutual TLS, callers known\n\n` +
    `${formatTable([
      ['', 'p50', 'p99'],
      row('direct', figures.direct),
      row('through the router', figures.router),
    ])}\n\n` +
    `added at p50: ${formatMs(figures.router.p50 - figures.direct.p50)}; ` +
    `CPU of the router for each call: ${formatMs(cpuEach)}\n`,
);
if (options.json !== undefined) {
  writeFileSync(
    options.json,
    JSON.stringify({ rate, figures, routerCpuMs: cpuEach }, undefined, 2),
  );
}
for (const { agent } of Object.values(targets)) await agent.destroy();
