// A server of bench:bodies as a process that watches its own main thread: how long the longest turn
// of its event loop took, and what all long turns took together.
//   bodies-process.ts runtime
//   bodies-process.ts router MEMBER_URL

import { createEngine } from '../../runtime/index.ts';
import { startServer } from '../../runtime/server.ts';
import { startRouter } from '../../router/server.ts';
import { createLog } from '../../telemetry/log.ts';

/** What the process says after each body. */
export interface Held {
  readonly longestMs: number;
  readonly togetherMs: number;
}

/** A turn that took so long was not an idle one. */
const turnMs = 0.5;

const [role = '', member = ''] = process.argv.slice(2);
const place = { log: createLog('silent'), host: '127.0.0.1', port: 0 };

const serve = async (): Promise<string> => {
  if (role === 'router') {
    const source = { members: [member], hostNames: [] };
    return (await startRouter({ ...place, source })).url;
  }
  const engine = await createEngine({ workers: 1 });
  return (await startServer({ ...place, engine, version: '0.0.0' })).url;
};

let held: Held = { longestMs: 0, togetherMs: 0 };
let last = performance.now();

const watch = (): void => {
  const now = performance.now();
  const ms = now - last;
  last = now;
  if (ms > turnMs) {
    held = { longestMs: Math.max(held.longestMs, ms), togetherMs: held.togetherMs + ms };
  }
  setImmediate(watch);
};

const told = (): Held => {
  const before = held;
  held = { longestMs: 0, togetherMs: 0 };
  return before;
};

process.on('message', () => process.send?.(told()));
process.on('disconnect', () => process.exit());
const url = await serve();
watch();
process.send?.({ url });
