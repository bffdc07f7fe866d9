// A request whose head is wrong is told so in the words of every other answer.

import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { startListener } from '../../http/listener.ts';

const ask = async (head: string): Promise<string> => {
  const listener = await startListener({
    handle: (_request, response) => response.end('handled'),
    host: '127.0.0.1',
    port: 0,
  });
  const socket = connect(Number(new URL(listener.url).port), '127.0.0.1');
  socket.write(`${head}\r\nConnection: close\r\n\r\n`);
  const answer = await text(socket);
  await listener.close();
  return answer;
};

test('HTTP/1.1 without a Host', async (t) => {
  const answer = await ask('GET / HTTP/1.1\r\nAccept: */*');
  t.regex(answer, /^HTTP\/1\.1 400 .*application\/json.*INVALID_REQUEST.*Host: expected one/s);
  t.regex(await ask('GET / HTTP/1.0\r\nAccept: */*'), / 200 .*handled$/s);
});

test('two of Host, of which each who reads them may take another', async (t) => {
  const answer = await ask('GET / HTTP/1.1\r\nHost: a\r\nX: host\r\nHOST: b');
  t.regex(answer, /^HTTP\/1\.1 400 .*INVALID_REQUEST.*Host: expected one, got 2/s);
});

test('an expectation that nobody can meet', async (t) => {
  const answer = await ask('GET / HTTP/1.1\r\nHost: a\r\nExpect: tea');
  t.regex(answer, /^HTTP\/1\.1 400 .*Expect: expected 100-continue or no such header, got .*tea/s);
  const met = await ask('GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue');
  t.regex(met, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 .*handled/s);
});

test('a body that ends before its length', async (t) => {
  const listener = await startListener({
    handle: (request) => request.resume().on('error', () => null),
    host: '127.0.0.1',
    port: 0,
  });
  const socket = connect(Number(new URL(listener.url).port), '127.0.0.1');
  socket.end('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{}');
  t.regex(await text(socket), /^HTTP\/1\.1 400 .*INVALID_REQUEST.*request: it ended too early/s);
  await listener.close();
});
