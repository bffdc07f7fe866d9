// Callers that mean harm, over a raw connection: what they send beside an evaluation reaches no
// member, and nothing that one request says is taken for a part of another.

import test from 'ava';
import { connect } from 'node:net';
import { requestLimits } from '../../contract/limits.ts';
import { answer, startBetween, startMember } from '../helpers/between.ts';

/** Sends bytes as they are and gives all that comes back until the router closes. */
const exchange = (url: string, text: string): Promise<string> => {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let got = '';
  const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'));
  socket.setEncoding('latin1').on('data', (chunk: string) => (got += chunk));
  socket.on('error', reject).on('close', () => {
    resolve(got);
  });
  return promise;
};

const codesOf = (text: string): readonly number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => Number(code));

const body = '{"sandbox_id":"x","init_script":"","script":"1"}';
const json = 'Host: localhost\r\nContent-Type: application/json\r\n';
const last = 'Connection: close\r\n';
const whole = 'POST /execute HTTP/1.1\r\n' + json;
const length = `Content-Length: ${body.length}\r\n`;
const chunked = `Transfer-Encoding: chunked\r\n`;
const asChunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const smuggled = `${whole}${length}${last}\r\n${body}`;

/** What is sent, and what comes of it: codes of the answers, and evaluations of a member. */
const cases: Readonly<
  Record<string, readonly [text: string, codes: readonly number[], evaluated: number]>
> = {
  'a length and chunks': [`${whole}${length}${chunked}\r\n${asChunks}${smuggled}`, [400], 0],
  'two lengths': [`${whole}${length}Content-Length: 0\r\n\r\n${smuggled}`, [400], 0],
  'chunks under another name': [
    `${whole}Transfer-Encoding: xchunked\r\n\r\n${asChunks}${smuggled}`,
    [400],
    0,
  ],
  'a length with a sign': [`${whole}Content-Length: +${body.length}\r\n\r\n${body}`, [400], 0],
  'a header that goes on in the next line': [
    `${whole}X: a\r\n paddock-caller: forged\r\n${length}${last}\r\n${body}`,
    [400],
    0,
  ],
  'a bare line feed in a header': [
    `${whole}X: a\npaddock-caller: forged\r\n${length}${last}\r\n${body}`,
    [400],
    0,
  ],
  'a trailer that names a caller': [
    `${whole}${chunked}${last}Trailer: paddock-caller\r\n\r\n` +
      `${body.length.toString(16)}\r\n${body}\r\n0\r\npaddock-caller: forged\r\n\r\n`,
    [200],
    1,
  ],
  'a header that asks for others to be dropped': [
    `${whole}${length}Connection: close, paddock-caller\r\n\r\n${body}`,
    [200],
    1,
  ],
  'a whole address in place of a path': [
    `POST http://elsewhere/execute HTTP/1.1\r\n${json}${length}${last}\r\n${body}`,
    [200],
    1,
  ],
  'a tunnel': [`CONNECT 127.0.0.1:1 HTTP/1.1\r\n${json}\r\n`, [], 0],
  'another protocol': [
    `${whole}${length}Connection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n${body}`,
    [200],
    1,
  ],
  'a method that is overridden': [
    `POST /sandboxes/x HTTP/1.1\r\n${json}X-HTTP-Method-Override: DELETE\r\n${last}` +
      'Content-Length: 0\r\n\r\n',
    [405],
    0,
  ],
  'more than a body may be, announced': [
    `${whole}Content-Length: ${requestLimits.bodyBytesMax + 1}\r\n\r\n`,
    [413],
    0,
  ],
  'a body behind a deletion': [
    `DELETE /sandboxes/x HTTP/1.1\r\n${json}${length}${last}\r\n${body}`,
    [200],
    1,
  ],
  'two requests, one behind the other': [`${whole}${length}\r\n${body}${smuggled}`, [200, 200], 2],
};

for (const [what, [text, codes, evaluated]] of Object.entries(cases)) {
  test(what, async (t) => {
    const callers: unknown[] = [];
    const member = await startMember((request, response) => {
      callers.push(request.headers['paddock-caller']);
      t.is(request.headers.trailer, undefined);
      t.is(request.headers.upgrade, undefined);
      answer(request, response);
    });
    const { url, stop } = await startBetween([member]);
    t.deepEqual(codesOf(await exchange(url, text)), codes);
    t.is(member.evaluated.length, evaluated);
    t.false(callers.includes('forged'));
    await stop();
  });
}

test('a body in chunks without an end is cut where it is too long', async (t) => {
  const member = await startMember(answer);
  const { url, stop } = await startBetween([member]);
  const chunk = `10000\r\n${'a'.repeat(0x1_0000)}\r\n`;
  const chunks = chunk.repeat(Math.ceil(requestLimits.bodyBytesMax / 0x1_0000) + 1);
  const got = await exchange(url, `${whole}${chunked}\r\n${chunks}`);
  t.deepEqual(codesOf(got), [413]);
  t.is(member.evaluated.length, 0);
  await stop();
});

const ids = [
  ...['..', '.', '%2e', '\u0000', '\\', 'a\r\nb', "it's", '__proto__', 'x/../y'],
  ...['\u{1f600}', '\u00e9', 'e\u0301'],
];

test('whatever an id is written as, its evaluations and its deletion meet', async (t) => {
  const members = [await startMember(answer), await startMember(answer)] as const;
  const { url, execute, stop } = await startBetween(members);
  for (const id of ids) {
    await execute(id);
    const spelled = encodeURIComponent(id);
    const got = await exchange(url, `DELETE /sandboxes/${spelled} HTTP/1.1\r\n${json}${last}\r\n`);
    t.deepEqual(codesOf(got), [200]);
    const asked = members.map((member) => member.asked.splice(0)).filter(({ length: n }) => n > 0);
    t.deepEqual(asked, [['POST /execute', `DELETE /sandboxes/${spelled}`]], id);
  }
  await stop();
});
