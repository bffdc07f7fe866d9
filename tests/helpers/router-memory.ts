// A router as a process of its own whose memory can be asked for: started with --expose-gc and the
// URL of a member, it sends its own URL, and for every message the bytes that it holds outside of
// V8's heap.

import { startRouter } from '../../router/server.ts';
import { createLog } from '../../telemetry/log.ts';

const [, , member = ''] = process.argv;
const { gc } = globalThis;
const router = await startRouter({
  source: { members: [member], hostNames: ['localhost'] },
  log: createLog('silent'),
  host: '127.0.0.1',
  port: 0,
});
process.on('message', () => {
  if (gc) gc();
  process.send?.(process.memoryUsage().external);
});
process.send?.(router.url);
