// paddock serve --state, killed at random moments under load and started again on the same folder:
// no sandbox is ever wrong, no start fails, and what was answered a second before is there.
// PADDOCK_STATE_KILLS sets how often.

import test from 'ava';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const kills = Number(process.env['PADDOCK_STATE_KILLS'] ?? 4);
const main = new URL('../../cli/main.ts', import.meta.url).pathname;
const sandboxes = 300;
/** What was answered so long before a kill must be there. */
const settledMs = 1_000;

interface Known {
  /** Calls sent, answered or not: no sandbox can have counted further. */
  sent: number;
  /** Its answers, and when they came. */
  readonly answers: { readonly count: number; readonly at: number }[];
}

const start = async (folder: string): Promise<{ child: ChildProcess; url: string }> => {
  const args = [main, 'serve', '--port', '0', '--workers', '2', '--state', folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const line of createInterface({ input: child.stderr })) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url !== undefined) return { child, url };
  }
  throw new Error('it ended before it served');
};

/** Counts on and gives how far it has come, or undefined when nobody answered. */
const count = async (url: string, id: number): Promise<number | undefined> => {
  const body = JSON.stringify({
    sandbox_id: `s${id}`,
    init_script: 'const seen = [];',
    script: 'seen.push(seen.length + 1); seen.every((v, i) => v === i + 1) ? seen.length : -1',
  });
  const headers = { 'content-type': 'application/json' };
  try {
    const response = await fetch(`${url}/execute`, { method: 'POST', headers, body });
    const { result } = (await response.json()) as { result?: number };
    return result;
  } catch {
    return undefined;
  }
};

/** Two callers at full speed until they are told to stop. */
const load = async (url: string, known: readonly Known[], stop: AbortSignal): Promise<void> => {
  const one = async (): Promise<void> => {
    while (!stop.aborted) {
      const id = Math.floor(Math.random() * sandboxes);
      const about = known[id];
      if (!about) continue;
      about.sent += 1;
      const reached = await count(url, id);
      if (reached !== undefined) about.answers.push({ count: reached, at: performance.now() });
    }
  };
  await Promise.all([one(), one()]);
};

test(`${kills} times killed under load`, async (t) => {
  t.timeout(60_000 + kills * 20_000);
  const folder = await mkdtemp(join(tmpdir(), 'paddock-kill-'));
  const known: Known[] = Array.from({ length: sandboxes }, () => ({ sent: 0, answers: [] }));
  let [settled, missing] = [0, 0];
  for (let kill = 0; kill < kills; kill++) {
    const { child, url } = await start(folder);
    const stop = new AbortController();
    const loaded = load(url, known, stop.signal);
    await delay(settledMs + 300 + Math.random() * 1_500);
    const killedAt = performance.now();
    child.kill('SIGKILL');
    stop.abort();
    await Promise.all([once(child, 'exit'), loaded]);

    const again = await start(folder);
    for (const [id, about] of known.entries()) {
      const before = about.answers.filter(({ at }) => at < killedAt - settledMs).at(-1)?.count ?? 0;
      const reached = (await count(again.url, id)) ?? -1;
      about.sent += 1;
      t.true(reached >= 1 && reached <= about.sent, `s${id} has ${reached} of ${about.sent}`);
      if (before > 0) settled += 1;
      if (reached <= before) missing += 1;
      // From here on it counts from where it is.
      about.sent = reached;
      about.answers.splice(0, about.answers.length, { count: reached, at: performance.now() });
    }
    again.child.kill('SIGINT');
    await once(again.child, 'exit');
  }
  t.log(`${missing} of ${settled} sandboxes were not as they were a second before`);
  t.true(settled > 100);
  t.true(missing <= settled / 100);
  await rm(folder, { recursive: true });
});
