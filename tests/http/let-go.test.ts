// A router that ends: callers that keep their connections are asked to leave while it still serves,
// so that none of them sends a request into a connection that closes.

import test from 'ava';
import { Agent, request, type IncomingMessage } from 'node:http';
import { routerLimits } from '../../contract/limits.ts';
import { startRouter } from '../../router/server.ts';
import { createLog } from '../../telemetry/log.ts';

const get = (url: string, agent: Agent): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { agent }, (response) => {
      response.resume();
      response.on('end', () => {
        resolve(response);
      });
    });
    asked.on('error', reject);
    asked.end();
  });

test('answers are the last of their connections once it is told to end', async (t) => {
  const router = await startRouter({
    source: { members: ['http://127.0.0.1:1'], hostNames: ['localhost'] },
    log: createLog('silent'),
    host: '127.0.0.1',
    port: 0,
  });
  const agent = new Agent({ keepAlive: true });
  const before = await get(router.url, agent);
  t.is(before.headers.connection, 'keep-alive');
  t.is(before.headers['keep-alive'], `timeout=${routerLimits.callerKeepAliveMs / 1000}`);
  t.is(Object.values(agent.freeSockets).length, 1);
  const drained = router.drain(60_000);
  const after = await get(router.url, agent);
  t.is(after.headers.connection, 'close');
  t.is(Object.values(agent.freeSockets).length, 0, 'the caller has left');
  await Promise.all([router.drain(0), drained]);
});
