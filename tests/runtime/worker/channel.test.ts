// Messages between two threads: each is had once, by looking for it or by the event loop.

import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import test from 'ava';
import { openChannelEnd } from '../../../runtime/worker/channel.ts';

const pair = () => {
  const { port1, port2 } = new MessageChannel();
  const words = new Int32Array(new SharedArrayBuffer(8));
  const got: unknown[] = [];
  const here = openChannelEnd<string>(port1, { words, sent: 0, came: 1 }, () => undefined);
  const there = openChannelEnd<string>(port2, { words, sent: 1, came: 0 }, (message) => {
    got.push(message);
  });
  return { here, there, got, port: port2 };
};

test('what has come can be had at once, each message once, in order', async (t) => {
  const { here, there, got } = pair();
  here.send('a');
  here.send('b');
  t.true(there.receive());
  t.deepEqual(got, ['a']);
  t.true(there.receive());
  t.false(there.receive());
  await new Promise(setImmediate);
  t.deepEqual(got, ['a', 'b']);
  here.close();
});

test('what nobody looks for comes by the event loop, and is not had again', async (t) => {
  const { here, there, got, port } = pair();
  here.send('a');
  await once(port, 'message');
  t.deepEqual(got, ['a']);
  t.false(there.receive());
  here.send('b');
  t.true(there.receive());
  t.deepEqual(got, ['a', 'b']);
  here.close();
});

test('what was sent before the other end closed can still be had', (t) => {
  const { here, there, got } = pair();
  here.send('last words');
  here.close();
  t.true(there.receive());
  t.deepEqual(got, ['last words']);
  t.false(there.receive());
});
