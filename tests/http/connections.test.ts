// Hostile connections: what is sent behind a request, what is never finished, what is never read.

import { connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { pino } from 'pino';
import { httpLimits, poolLimits } from '../../contract/limits.ts';
import { createEngine } from '../../runtime/index.ts';
import { startServer } from '../../runtime/server.ts';

const post = (script: string, more: object = {}): string => {
  const body = JSON.stringify({ sandbox_id: null, init_script: '', script, ...more });
  return (
    'POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
};
const slow = 'let n = 0; for (let i = 0; i < 1e6; i++) n += i; n';

const start = async (t: ExecutionContext, engineOptions: object = {}) => {
  const lines: string[] = [];
  const write = (chunk: Buffer, _: string, done: () => void): void => {
    lines.push(chunk.toString());
    done();
  };
  const log = pino({ level: 'info' }, new Writable({ write }));
  const engine = await createEngine({ workers: 1, ...engineOptions });
  const server = await startServer({ engine, log, version: '0', host: '127.0.0.1', port: 0 });
  const sockets: Socket[] = [];
  t.teardown(async () => {
    sockets.forEach((socket) => socket.destroy());
    await server.drain(0);
    await engine.close();
  });
  const send = (data: string): Socket => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => null);
    socket.write(data);
    sockets.push(socket);
    return socket;
  };
  return { engine, server, send, lines };
};

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('garbage behind a request is not answered in its place', async (t) => {
  const { engine, send } = await start(t);
  const socket = send(post(slow));
  await until(() => engine.load().running > 0);
  socket.write('\u0000 garbage\r\n\r\n');
  t.notRegex(await text(socket), /INVALID_REQUEST/);
});

test('draining does not wait for requests that are never finished', async (t) => {
  const { engine, server, send } = await start(t);
  send('');
  send('POST /exec');
  send('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n').resume();
  const answered = text(send(post(slow)));
  await until(() => engine.load().running > 0);
  const since = performance.now();
  await server.drain(0);
  t.true(performance.now() - since < 10_000);
  t.regex(await answered, /^HTTP\/1\.1 200 .*"result":499999500000/s);
});

test('headers that never end and connections that say nothing are closed in time', async (t) => {
  const { send } = await start(t);
  const since = performance.now();
  const [half, silent] = await Promise.all([
    text(send('POST /execute HTTP/1.1\r\nHo')),
    text(send('')),
  ]);
  t.true(performance.now() - since < httpLimits.headersMsMax + 3 * httpLimits.checkMs);
  t.regex(half, /^HTTP\/1\.1 400 .*INVALID_REQUEST.*expected its headers within 10000 ms/s);
  t.regex(silent, /^(?:HTTP\/1\.1 400 .*)?$/s);
});

test('a client that leaves in the middle of its body is no error of ours', async (t) => {
  const { server, send, lines } = await start(t);
  const socket = send(`${post('1').replace(/Length: \d+/, 'Length: 4000000')}${'x'.repeat(1e5)}`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  socket.destroy();
  await fetch(`${server.url}/healthz`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.deepEqual(lines, []);
});

test('answers that nobody takes are counted, and given back when their clients go', async (t) => {
  const { server, send } = await start(t, { workers: 2 });
  const large = post('"x".repeat(1000000)');
  const each = Math.ceil(poolLimits.bodiesBytesMax / 1e6 / 10) + 10;
  const status = async (): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ sandbox_id: null, init_script: '', script: '1' });
    return (await fetch(`${server.url}/execute`, { method: 'POST', headers, body })).status;
  };
  // Ten on each connection: all but the first wait behind one that is not taken.
  const greedy = Array.from({ length: each }, () => send(large.repeat(10)).pause());
  // By the clock: how many calls of ours it takes is no measure of how far theirs have come.
  const statusTurns = async (wanted: number): Promise<number> => {
    const end = performance.now() + 60_000;
    let last = 0;
    while (last !== wanted && performance.now() < end) {
      last = await status();
      await delay(5);
    }
    return last;
  };
  t.is(await statusTurns(429), 429);
  greedy.forEach((socket) => socket.destroy());
  t.is(await statusTurns(200), 200);
});

test('when its client leaves, what waits is withdrawn and what runs is rolled back', async (t) => {
  const { engine, send } = await start(t);
  await engine.evaluate({ sandbox_id: 'x', script: 'var n = 1' });
  const running = send(post('n = 2; for (;;);', { sandbox_id: 'x' }));
  await until(() => engine.load().running === 1);
  const waiting = Array.from({ length: 20 }, () => send(post('for (;;);')));
  await until(() => engine.load().waiting === 20);
  [running, ...waiting].forEach((socket) => socket.destroy());
  await until(() => engine.load().running + engine.load().waiting === 0);
  const next = await engine.evaluate({ sandbox_id: 'x', script: 'n' });
  t.is(next.status === 'OK' ? next.result_json : next.message, '1');
});

test('requests far behind one that runs end their connection, and it ends them', async (t) => {
  const { engine, send } = await start(t);
  const socket = send(post(slow) + post('1').repeat(2 * httpLimits.pipelinedMax));
  t.is(await text(socket).catch(() => ''), '');
  await until(() => engine.load().running + engine.load().waiting === 0);
  // Those that may wait behind one another are all answered, in order.
  const few = send(Array.from({ length: 20 }, (_, index) => post(`${index}`)).join(''));
  let answers = '';
  few.setEncoding('utf8').on('data', (chunk: string) => (answers += chunk));
  await until(() => answers.split('"result":').length > 20);
  const results = [...answers.matchAll(/"result":(\d+)/g)].map(([, result]) => Number(result));
  t.deepEqual(results, [...Array(20).keys()]);
});

test('a body of very many chunks is refused with words, before it is over', async (t) => {
  const { send } = await start(t);
  const head =
    'POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
    'Transfer-Encoding: chunked\r\n\r\n';
  const socket = send(head + '1\r\n \r\n'.repeat(httpLimits.chunksMax + 1));
  t.regex(await text(socket), /^HTTP\/1\.1 413 .*body: expected at most 6000 chunks/s);
});
