// The broker against scripts that want more than they may have.

import test from 'ava';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createBroker } from '../../examples/fetch-broker/broker.ts';
import { createEngine, type Engine } from '../../runtime/index.ts';
import { failureOf, resultOf } from '../helpers/engine.ts';

const seen: { url: string; authorization: string | undefined }[] = [];
let server: Server;
let engine: Engine;

test.before(async () => {
  server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', authorization: request.headers.authorization });
    if (request.url?.startsWith('/away')) response.writeHead(302, { location: '/stolen' });
    response.end(request.url?.startsWith('/large') ? 'x'.repeat(100_000) : 'fine');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const route = (path: string) => ({
    url: `http://127.0.0.1:${port}${path}`,
    headers: { authorization: 'secret' },
  });
  const broker = createBroker({
    ...{ good: route('/good'), away: route('/away'), large: route('/large') },
    gone: { url: 'http://127.0.0.1:1/', headers: {} },
  });
  engine = await createEngine({ workers: 1, host: { fetch: broker } });
});

test.after.always(async () => {
  await engine.close();
  server.close();
});

const ask = (argument: string) => engine.evaluate({ script: `host.fetch(${argument})` });

test('a route is asked with the secret, which the script never sees', async (t) => {
  const outcome = await ask('{ route: "good", query: "a&b=c#d" }');
  t.deepEqual(resultOf(outcome), { status: 200, body: 'fine' });
  const { url, authorization } = seen.find((one) => one.url.startsWith('/good')) ?? {};
  t.is(authorization, 'secret');
  t.is(url, '/good?query=a%26b%3Dc%23d', 'a query stays a query');
  t.notRegex(JSON.stringify(outcome), /secret/);
});

test('nothing else can be asked', async (t) => {
  for (const route of ['"http://169.254.169.254/"', '"__proto__"', '"constructor"', '""']) {
    t.regex(failureOf(await ask(`{ route: ${route}, query: "" }`)), /expected one of good, away/);
  }
  for (const argument of ['', 'null', '"good"', '{ route: "good" }', '{ route: 1, query: 2 }']) {
    t.regex(failureOf(await ask(argument)), /expected \{ route, query \}/);
  }
});

test('no redirect is followed, a large answer is cut off, a dead end says nothing', async (t) => {
  t.is((resultOf(await ask('{ route: "away", query: "" }')) as { status: number }).status, 302);
  t.false(seen.some(({ url }) => url.startsWith('/stolen')));
  t.regex(failureOf(await ask('{ route: "large", query: "" }')), /over 65536 bytes/);
  t.regex(failureOf(await ask('{ route: "gone", query: "" }')), /Error: no answer$/);
});
