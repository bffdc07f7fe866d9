// A body whose client has left before anybody read it ends its request: nothing waits for ever.

import test from 'ava';
import Koa from 'koa';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { admit } from '../../http/admit.ts';
import type { HttpState } from '../../http/context.ts';

const headers = { 'content-type': 'application/json' };

for (const [what, head, body] of [
  ['whole', { ...headers, 'content-length': 2 }, '{}'],
  ['in part', { ...headers, 'content-length': 100 }, '{"script":'],
  ['in chunks without an end', { ...headers, 'transfer-encoding': 'chunked' }, '{"script":'],
] as const) {
  test(`a client that leaves while its caller is looked up, its body sent ${what}`, async (t) => {
    const arrived = Promise.withResolvers<undefined>();
    const ended = Promise.withResolvers<string>();
    const app = new Koa<HttpState>();
    app.silent = true;
    app.use(async (ctx, next) => {
      const left = new Promise((resolve) => ctx.req.socket.once('close', resolve));
      arrived.resolve(undefined);
      await left;
      // As after a review that took its time.
      await new Promise((resolve) => setImmediate(resolve));
      await next().then(
        () => {
          ended.resolve('served');
        },
        () => {
          ended.resolve('refused');
        },
      );
    });
    app.use(admit(1_000_000));
    const handle = app.callback();
    const server = createServer((incoming, response) => void handle(incoming, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = request({ host: '127.0.0.1', port, method: 'POST', headers: head });
    client.on('error', () => undefined);
    client.write(body);
    await arrived.promise;
    client.destroy();
    t.is(await ended.promise, 'refused');
    server.close();
  });
}
