// npm run bench:http: live `1+1` over loopback HTTP, beside a bare node:http server.
//   --quick       fewer requests
//   --json FILE   writes every figure

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  closeConnections,
  cpuMs,
  send,
  start,
  stop,
  type Running,
  type Served,
} from './server-process.ts';
import { summarise, type Summary } from './statistics.ts';
import { formatMs, formatTable } from './table.ts';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});
const counts = options.quick
  ? { starts: 3, warm: 300, requests: 1000 }
  : { starts: 10, warm: 2000, requests: 10_000 };

const servers: readonly Served[] = [
  {
    name: 'paddock serve',
    args: (port) => ['cli/main.ts', 'serve', '--port', port, '--log-level', 'error'],
    readyPath: '/readyz',
  },
  {
    name: 'the same, nothing kept compiled',
    args: (port) => ['cli/main.ts', 'serve', '--port', port, '--log-level', 'error'],
    readyPath: '/readyz',
    env: { NODE_DISABLE_COMPILE_CACHE: '1' },
  },
  {
    name: 'bare node:http',
    args: (port) => ['tests/bench/http-floor.ts', port],
    readyPath: '/',
  },
];

interface Figures {
  readonly readyMs: Summary;
  readonly request: Summary;
  readonly cpuMsPerRequest: number;
}

const requestBody = JSON.stringify({ sandbox_id: 'bench', init_script: '', script: '1+1' });

const execute = async ({ port }: Running): Promise<number> => {
  const begin = performance.now();
  const [code, text] = await send(port, '/execute', requestBody);
  const ms = performance.now() - begin;
  const { result } = JSON.parse(text) as { result?: unknown };
  if (code !== 200 || result !== 2) throw new Error(`${code}: ${text}`);
  return ms;
};

const measureRequests = async (running: Running): Promise<Omit<Figures, 'readyMs'>> => {
  for (let i = 0; i < counts.warm; i++) await execute(running);
  const cpu = cpuMs(running);
  const times: number[] = [];
  for (let i = 0; i < counts.requests; i++) times.push(await execute(running));
  const cpuMsPerRequest = (cpuMs(running) - cpu) / counts.requests;
  return { request: summarise(times), cpuMsPerRequest };
};

const readyTimes = new Map<string, number[]>();
for (let round = 0; round < counts.starts; round++) {
  for (const server of servers) {
    const running = await start(server);
    const list = readyTimes.get(server.name) ?? [];
    readyTimes.set(server.name, [...list, running.readyMs]);
    await stop(running);
  }
}
const figures: Record<string, Figures> = {};
for (const server of servers) {
  const running = await start(server);
  const readyMs = summarise(readyTimes.get(server.name) ?? []);
  figures[server.name] = { readyMs, ...(await measureRequests(running)) };
  await stop(running);
}
closeConnections();

const head = ['', 'ready p50', 'ready min', '1+1 p50', '1+1 p99', '1+1 min', 'CPU per request'];
const rows = Object.entries(figures).map(([name, { readyMs, request: live, cpuMsPerRequest }]) => [
  name,
  ...[readyMs.p50, readyMs.min, live.p50, live.p99, live.min, cpuMsPerRequest].map(formatMs),
]);
const method = `one connection, one request at a time, ${counts.requests} requests`;
process.stdout.write(
  `Node ${process.versions.node}; ${method}; CPU of all threads of the server\n\n` +
    `${formatTable([head, ...rows])}\n`,
);
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
}
