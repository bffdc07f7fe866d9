// A call that ends before its answer: whether its request can have been sent is known.

import test from 'ava';
import { Socket } from 'node:net';
import { Ending } from '../../../router/forward/ending.ts';
import { Exchange } from '../../../router/forward/exchange.ts';
import { createUpstream } from '../../../router/forward/upstream.ts';
import { routerLimits } from '../../../contract/limits.ts';
import { startMember } from '../../helpers/between.ts';

const request = (origin: string) =>
  ({
    origin,
    method: 'POST',
    path: '/execute',
    headers: new Array<string>(),
    body: Buffer.from('{}'),
  }) as const;

const silent = async () => {
  const arrived = Promise.withResolvers<undefined>();
  const member = await startMember(() => {
    arrived.resolve(undefined);
  });
  return { member, arrived: arrived.promise, upstream: createUpstream() };
};

test('one that is late has been sent, and its connection is closed', async (t) => {
  const { member, arrived, upstream } = await silent();
  const closed = new Promise((resolve) =>
    member.server.once('connection', (socket: Socket) => socket.once('close', resolve)),
  );
  const exchange = new Exchange(() => undefined);
  upstream.send(request(member.url), exchange);
  await arrived;
  const ending = new Ending(new Socket(), 1);
  ending.follow(exchange);
  await t.throwsAsync(exchange.answer, { message: 'no answer came in time' });
  t.true(ending.late && exchange.begun);
  await closed;
  member.server.close();
});

test('one that still waits for a connection is never sent', async (t) => {
  const { member, arrived, upstream } = await silent();
  let ended = 0;
  const before = Array.from({ length: routerLimits.connectionsPerMember }, () => {
    const exchange = new Exchange(() => undefined);
    upstream.send(request(member.url), exchange);
    return exchange;
  });
  await arrived;
  const last = new Exchange(() => {
    ended += 1;
  });
  upstream.send(request(member.url), last);
  last.abort(new Error('gone'));
  await t.throwsAsync(last.answer, { message: 'gone' });
  t.false(last.begun);
  for (const exchange of before) exchange.abort(new Error('enough'));
  await Promise.allSettled(before.map(({ answer }) => answer));
  await upstream.close();
  t.is(member.evaluated.length <= before.length, true);
  t.is(ended, 1);
  member.server.close();
});

test('a call whose client has left already sends nothing', async (t) => {
  const { member, upstream } = await silent();
  const socket = new Socket();
  socket.destroy();
  const ending = new Ending(socket, 60_000);
  const exchange = new Exchange(() => undefined);
  ending.follow(exchange);
  upstream.send(request(member.url), exchange);
  await t.throwsAsync(exchange.answer, { message: 'the call has ended' });
  t.false(exchange.begun || ending.late);
  ending.stop();
  await upstream.close();
  t.is(member.evaluated.length, 0);
  member.server.close();
});
