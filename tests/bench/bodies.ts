// npm run bench:bodies: how long a single request body holds the main thread of a runtime, and of a
// router, which nobody else is served by meanwhile.
//   --quick       fewer rounds
//   --json FILE   writes every figure

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { heavyBodies, type HeavyBody } from '../helpers/heavy-bodies.ts';
import type { Held } from './bodies-process.ts';
import { median } from './statistics.ts';
import { formatMs, formatTable } from './table.ts';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});
const rounds = options.quick ? 3 : 9;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

interface Watched {
  readonly url: string;
  readonly child: ChildProcess;
}

const told = async <Told>(child: ChildProcess): Promise<Told> => {
  const [message] = (await once(child, 'message')) as [Told];
  return message;
};

const start = async (...args: readonly string[]): Promise<Watched> => {
  const child = fork(`${import.meta.dirname}/bodies-process.ts`, args);
  return { child, ...(await told<{ url: string }>(child)) };
};

const send = (url: string, { body, chunkBytes }: HeavyBody): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = { 'content-type': 'application/json' };
  const sent = request(`${url}/execute`, { method: 'POST', agent, headers }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('end', () => {
      resolve(text);
    });
  }).on('error', reject);
  if (chunkBytes === undefined) sent.end(body);
  else {
    sent.setNoDelay();
    for (let at = 0; at < body.length; at += chunkBytes) {
      sent.write(body.slice(at, at + chunkBytes));
    }
    sent.end();
  }
  return promise;
};

const hold = async ({ url, child }: Watched, heavy: HeavyBody): Promise<Held> => {
  const ask = (): Promise<Held> => {
    child.send('held');
    return told<Held>(child);
  };
  await ask();
  const answer = await send(url, heavy);
  if (!answer.includes(`"status":"${heavy.status}"`)) {
    throw new Error(`${heavy.name}: ${answer.slice(0, 300)}`);
  }
  return ask();
};

const runtime = await start('runtime');
const router = await start('router', runtime.url);
const figures: Record<string, Record<'runtime' | 'router', Held>> = {};
for (const heavy of heavyBodies) {
  const measured = { runtime: [] as Held[], router: [] as Held[] };
  for (let round = 0; round <= rounds; round++) {
    const held = { runtime: await hold(runtime, heavy), router: await hold(router, heavy) };
    // The first of a kind is compiled on its way.
    if (round === 0) continue;
    measured.runtime.push(held.runtime);
    measured.router.push(held.router);
  }
  const middle = (all: readonly Held[]): Held => ({
    longestMs: median(all.map(({ longestMs }) => longestMs)),
    togetherMs: median(all.map(({ togetherMs }) => togetherMs)),
  });
  figures[heavy.name] = { runtime: middle(measured.runtime), router: middle(measured.router) };
}
agent.destroy();
for (const { child } of [router, runtime]) child.disconnect();

const head = ['', 'runtime: longest turn', 'all turns', 'router: longest turn', 'all turns'];
const rows = Object.entries(figures).map(([name, { runtime: ours, router: theirs }]) => [
  name,
  ...[ours.longestMs, ours.togetherMs, theirs.longestMs, theirs.togetherMs].map(formatMs),
]);
process.stdout.write(
  `Node ${process.versions.node}; one body at a time, medians of ${rounds}; turns over 0.5 ms\n\n` +
    `${formatTable([head, ...rows])}\n`,
);
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
}
