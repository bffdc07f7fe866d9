// Draining: /readyz fails first, work goes on, then new work is refused and what runs is answered.

import test from 'ava';
import { createEngine } from '../../runtime/index.ts';
import { startServer } from '../../runtime/server.ts';
import { createLog } from '../../telemetry/log.ts';

const start = async () => {
  const engine = await createEngine({ workers: 1 });
  const log = createLog('silent');
  const server = await startServer({ engine, log, version: '0', host: '127.0.0.1', port: 0 });
  const execute = async (script: string) => {
    const body = JSON.stringify({ sandbox_id: null, init_script: '', script });
    const headers = { 'content-type': 'application/json' };
    return fetch(`${server.url}/execute`, { method: 'POST', headers, body });
  };
  return { engine, server, execute };
};

test('serves during the delay, while /readyz tells to stay away', async (t) => {
  const { engine, server, execute } = await start();
  const drained = server.drain(60_000);
  const ready = await fetch(`${server.url}/readyz`);
  t.is(ready.status, 503);
  t.regex(await ready.text(), /UNAVAILABLE.*draining/);
  const answer = await execute('1');
  t.is(answer.status, 200);
  t.is(answer.headers.get('connection'), 'close', 'the client is asked to leave');
  await Promise.all([server.drain(0), drained]);
  await engine.close();
});

test('a call under way is answered before the server ends', async (t) => {
  const { engine, server, execute } = await start();
  const slow = execute('let n = 0; for (let i = 0; i < 2e5; i++) n += i; n');
  while (engine.load().running === 0) await new Promise(setImmediate);
  await server.drain(0);
  const answer = await slow;
  t.is(answer.status, 200);
  t.is(((await answer.json()) as { result: number }).result, 19_999_900_000);
  await t.throwsAsync(execute('1'));
  await engine.close();
});

test('another address than loopback wants keys or an explicit word', async (t) => {
  const engine = await createEngine({ workers: 1 });
  const log = createLog('silent');
  const open = { engine, log, version: '0', host: '0.0.0.0', port: 0 };
  await t.throwsAsync(startServer(open), { message: /--key-file FILE.*--anonymous/ });
  const server = await startServer({ ...open, anonymous: true });
  t.is((await fetch(`${server.url}/healthz`)).status, 200);
  await server.drain(0);
  await engine.close();
});
