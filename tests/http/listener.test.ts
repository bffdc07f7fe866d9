// What a listener promises of idle connections: less than it keeps.

import test from 'ava';
import { Agent, request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startListener } from '../../http/listener.ts';

/** Node closes a connection this long after it said that it would. */
const nodesOwnMs = 1_000;

test('a client that does not hear how long a connection is kept meets no closed one', async (t) => {
  const keepAliveMs = 2_000;
  const listener = await startListener({
    handle: (_request, response) => {
      response.end();
    },
    host: '127.0.0.1',
    port: 0,
    keepAliveMs,
  });
  // Without a timeout of its own Node's Agent keeps its connections for ever.
  const agent = new Agent({ keepAlive: true });
  const get = () =>
    new Promise<{ readonly answer: IncomingMessage; readonly reused: boolean }>(
      (resolve, reject) => {
        const asked = request(listener.url, { agent }, (answer) => {
          answer.resume().once('end', () => {
            resolve({ answer, reused: asked.reusedSocket });
          });
        });
        asked.on('error', reject).end();
      },
    );
  const { answer } = await get();
  t.is(answer.headers['keep-alive'], `timeout=${keepAliveMs / 1000}`);
  await sleep(keepAliveMs + nodesOwnMs + 500);
  t.true((await get()).reused);
  agent.destroy();
  await listener.close();
});
