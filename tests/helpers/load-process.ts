// Load on a pool, as a process of its own in the network of its node: each sandbox is called again
// a while after it has answered, and new ones by the clock; by turns over a kept connection and a
// new one, without retries.
// Ends when its input does, and prints a Report. Its argument: a LoadPlan as JSON.

import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadPlan, Report } from './load-report.ts';

/** Sandboxes of our own, new to the pool. */
const prefix = randomUUID();
const plan = JSON.parse(process.argv[2] ?? '') as LoadPlan;
const kept = new Agent({ keepAlive: true });
const counts: Record<string, number> = {};
const skips: string[] = [];
let sent = 0;
let livesSeen = 0;
let last = '';
let over = false;
process.stdin.resume().once('end', () => {
  over = true;
});

interface Answer {
  readonly code: number;
  readonly text: string;
}

const call = (sandboxId: string | null): Promise<Answer> => {
  sent += 1;
  const body = JSON.stringify({
    sandbox_id: sandboxId,
    // Which life of the sandbox it is: state that is lost begins another.
    init_script: 'let n = 0; const life = Math.random();',
    script: '[life, ++n]',
  });
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const agent = sent % 2 === 0 ? kept : new Agent({ keepAlive: false });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${plan.token}` };
  const sending = request(plan.url, { method: 'POST', headers, agent }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('error', reject);
    response.on('end', () => {
      resolve({ code: response.statusCode ?? 0, text });
    });
  });
  sending.on('error', reject).end(body);
  return promise;
};

/** What an answer came to, and what it says that the sandbox has counted. */
const read = ({ code, text }: Answer) => {
  const {
    status = '',
    message = '',
    result,
  } = JSON.parse(text) as {
    readonly status?: string;
    readonly message?: string;
    readonly result?: readonly [life: number, count: number];
  };
  return { kind: code === 200 ? '200' : `${code} ${status}`, message, result };
};

/** One call, counted; gives what the sandbox says. */
const attempt = async (id: string | null): Promise<readonly [number, number] | undefined> => {
  const { kind, message, result } = await call(id).then(read, (error: unknown) => ({
    kind: `error ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
    message: String(error),
    result: undefined,
  }));
  counts[kind] = (counts[kind] ?? 0) + 1;
  if (!result) last = `${new Date().toISOString()} ${id ?? 'null'} ${kind} ${message}`;
  return result;
};

/** Calls one sandbox, one call at a time, so that its counts come in order. */
const follow = async (id: string | null): Promise<void> => {
  const lives = new Map<number, number>();
  let unknown = 0;
  while (!over) {
    const result = await attempt(id);
    if (result && id !== null) {
      const [life, count] = result;
      const before = lives.get(life) ?? 0;
      // A call whose outcome nobody told may have counted, once.
      if (count <= before || count > before + 1 + unknown) {
        skips.push(`${id}: ${before} then ${count}, ${unknown} unknown`);
      }
      if (!lives.has(life)) livesSeen += 1;
      lives.set(life, count);
    } else if (!result) {
      unknown += 1;
    }
    await sleep(plan.everyMs);
  }
};

/** An open loop: what is late makes no call wait. */
const openLoop = async (perSecond: number): Promise<void> => {
  const calls: Promise<unknown>[] = [];
  const begin = performance.now();
  while (!over) {
    const due = ((performance.now() - begin) / 1000) * perSecond;
    while (calls.length < due) calls.push(attempt(null));
    await sleep(5);
  }
  await Promise.all(calls);
};

await Promise.all([
  ...Array.from({ length: plan.sandboxes }, (_, index) => follow(`${prefix}-${index}`)),
  ...Array.from({ length: plan.loose }, () => follow(null)),
  openLoop(plan.perSecond ?? 0),
]);
const report: Report = { sent, counts, skips, lives: livesSeen, last };
process.stdout.write(JSON.stringify(report));
process.exit();
