// `paddock serve --state` on a folder of many sandboxes: how long until it is ready, and whether
// they are all there.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type Engine } from '../../runtime/index.ts';
import { send, start, stop, type Running } from './server-process.ts';

export interface ServeFigures {
  readonly sandboxes: number;
  /** From spawning `node` to the first 200 of /readyz. */
  readonly readyMs: number;
  /** The same on an empty folder. */
  readonly emptyReadyMs: number;
  /** Of the sandboxes that were asked, those that knew what they should. */
  readonly asked: number;
  readonly kept: number;
  /** Of a call to a sandbox on disk, p50. */
  readonly wakeMs: number;
}

const inFlight = 16;
const init_script = 'let own; function remember(n) { own = n; return own; }';

const fill = async (engine: Engine, sandboxes: number): Promise<void> => {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < sandboxes) {
      const id = next++;
      const script = `remember(${id})`;
      const { status } = await engine.evaluate({ sandbox_id: `s${id}`, init_script, script });
      if (status !== 'OK') throw new Error(`sandbox ${id}: ${status}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
};

const serve = (folder: string): Promise<Running> =>
  start({
    name: 'paddock serve --state',
    args: (port) => [
      ...['cli/main.ts', 'serve', '--port', port, '--log-level', 'error'],
      ...['--state', folder],
    ],
    readyPath: '/readyz',
  });

/** Asks every `step`th sandbox what it remembers. */
const ask = async ({ port }: Running, sandboxes: number, step: number) => {
  const times: number[] = [];
  let kept = 0;
  for (let id = 0; id < sandboxes; id += step) {
    const body = JSON.stringify({ sandbox_id: `s${id}`, init_script, script: 'own' });
    const begin = performance.now();
    const [, text] = await send(port, '/execute', body);
    times.push(performance.now() - begin);
    if ((JSON.parse(text) as { result?: unknown }).result === id) kept += 1;
  }
  times.sort((a, b) => a - b);
  return { asked: times.length, kept, wakeMs: times[Math.floor(times.length / 2)] ?? NaN };
};

export const measureServe = async (sandboxes: number): Promise<ServeFigures> => {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-bench-'));
  const empty = await mkdtemp(join(tmpdir(), 'paddock-bench-'));
  try {
    const engine = await createEngine({ workers: 2, state: { folder } });
    await fill(engine, sandboxes);
    await engine.close();
    const bare = await serve(empty);
    await stop(bare);
    const running = await serve(folder);
    const asked = await ask(running, sandboxes, Math.max(1, Math.floor(sandboxes / 1_000)));
    await stop(running);
    return { sandboxes, readyMs: running.readyMs, emptyReadyMs: bare.readyMs, ...asked };
  } finally {
    await rm(folder, { recursive: true });
    await rm(empty, { recursive: true });
  }
};
