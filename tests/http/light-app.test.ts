// What a router's list of middlewares makes of requests and answers.

import test from 'ava';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Middleware } from '../../http/context.ts';
import { lightApp } from '../../http/light-app.ts';

/** What a client gets of these middlewares, and what they could not give. */
const ask = async (middlewares: readonly Middleware<object>[], path = '/', method = 'POST') => {
  const faults: unknown[] = [];
  const server = createServer(
    lightApp(middlewares, (error) => {
      faults.push(error);
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const got = Promise.withResolvers<IncomingMessage>();
  const sent = request({ host: '127.0.0.1', port, path, method, agent: false }, got.resolve);
  sent.on('error', got.reject).end();
  const answer = await got.promise.then(
    async (response) => ({
      code: response.statusCode,
      headers: response.headers,
      body: await text(response).catch(() => 'cut off'),
    }),
    () => 'no answer' as const,
  );
  await new Promise((resolve) => server.close(resolve));
  return { answer, faults };
};

const say =
  (body: unknown, status = 200): Middleware<object> =>
  (ctx) => {
    ctx.status = status;
    ctx.body = body;
    return undefined;
  };

for (const [path, seen] of [
  ['/execute', '/execute'],
  ['/execute?a=/b', '/execute'],
  ['//elsewhere/execute', '//elsewhere/execute'],
  ['http://elsewhere:80/execute?a', '/execute'],
  ['*', '*'],
] as const) {
  test(`the path of ${path}`, async (t) => {
    const { answer } = await ask(
      [
        (ctx) => {
          ctx.body = ctx.path;
          return undefined;
        },
      ],
      path,
      'OPTIONS',
    );
    t.like(answer, { code: 404, body: seen });
  });
}

test('middlewares run in order, and see what came of those below', async (t) => {
  const seen: string[] = [];
  const { answer } = await ask([
    async (ctx, next) => {
      seen.push('in');
      await next();
      seen.push(`out ${ctx.status}`);
      ctx.set('x-seen', seen.join());
    },
    say('äh', 201),
  ]);
  t.like(answer, { code: 201, body: 'äh' });
  t.like(answer, { headers: { 'x-seen': 'in,out 201', 'content-length': '3' } });
});

test('bytes, a stream, and no body at all', async (t) => {
  t.like((await ask([say(Buffer.from('bytes'))])).answer, { body: 'bytes' });
  const { answer } = await ask([say(Readable.from(['a ', 'stream']))]);
  t.like(answer, { body: 'a stream', headers: { 'transfer-encoding': 'chunked' } });
  const gone = (await ask([say(undefined, 204)])).answer;
  t.like(gone, { code: 204, body: '' });
  t.false(typeof gone === 'object' && 'content-length' in gone.headers);
  const head = await ask([say('text')], '/', 'HEAD');
  t.like(head.answer, { code: 200, body: '', headers: { 'content-length': '4' } });
});

test('an answer that ends too early is cut off, not made to look whole', async (t) => {
  const failing = Readable.from(
    (function* () {
      yield 'the beginning';
      throw new Error('lost');
    })(),
  );
  const { answer, faults } = await ask([say(failing)]);
  t.like(answer, { code: 200, body: 'cut off' });
  t.like(faults, [{ message: 'lost' }]);
});

for (const [how, broken] of [
  [
    'at once',
    () => {
      throw new Error('broken');
    },
  ],
  ['later', () => Promise.reject(new Error('broken'))],
] as const) {
  test(`what no middleware caught, thrown ${how}, ends the connection`, async (t) => {
    const { answer, faults } = await ask([broken]);
    t.is(answer, 'no answer');
    t.like(faults, [{ message: 'broken' }]);
  });
}
