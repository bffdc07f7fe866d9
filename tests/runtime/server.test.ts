// The HTTP contract over real HTTP: every status, every refusal, and what no answer may contain.

import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { httpLimits, requestLimits } from '../../contract/limits.ts';
import { withServer } from '../helpers/server.ts';

const { url, request, execute } = withServer(test);
const fib = 'function fib(n) { return n <= 1 ? 1 : fib(n-1) + fib(n-2); }';
const call = (script: string, more: object = {}) =>
  execute({ sandbox_id: null, init_script: '', script, ...more });

test("the seed's example", async (t) => {
  const { code, body, headers } = await execute({
    sandbox_id: 'x',
    init_script: fib,
    script: 'fib(13)',
  });
  t.is(code, 200);
  t.regex(headers.get('content-type') ?? '', /^application\/json/);
  t.is(headers.get('access-control-allow-origin'), null);
  const { status, result, stdout, stderr, state } = body;
  t.deepEqual(
    { status, result, stdout, stderr, state },
    {
      status: 'OK',
      result: 377,
      stdout: '',
      stderr: '',
      state: 'kept',
    },
  );
});

const answers = test.macro({
  async exec(t, script: string, limits: object, status: string, code: number) {
    const { code: given, body } = await call(script, { limits });
    t.is(body['status'], status);
    t.is(given, code);
    t.is(body['stage'], 'SCRIPT');
    t.is(typeof body['message'], 'string');
    t.is(typeof body['stdout'], 'string');
    t.is(typeof body['stderr'], 'string');
    t.is(body['state'], 'lost');
    t.is(body['result'], undefined);
  },
  title: (_given, script: string, _limits: object, status: string) => `${script} is ${status}`,
});

test(answers, 'null.x', {}, 'RUNTIME_ERROR', 400);
test(answers, 'for (;;);', { fuel: 1e8 }, 'OUT_OF_FUEL', 400);
test(answers, 'var a = []; for (;;) a.push(new Uint8Array(1e6));', {}, 'OUT_OF_MEMORY', 400);

test('result bytes are spliced as they are: __proto__ and lone surrogates', async (t) => {
  const proto = await call('JSON.parse(\'{"__proto__":{"polluted":1}}\')');
  t.regex(proto.text, /"result":\{"__proto__":\{"polluted":1\}\}/);
  t.is((Object.prototype as { polluted?: number }).polluted, undefined);
  const lone = await call('"\\udc00\\ud800"');
  t.regex(lone.text, /"result":"\\udc00\\ud800"/);
});

const refuses = test.macro({
  async exec(t, body: string, headers: Record<string, string>, message: RegExp) {
    const answer = await execute(body, headers);
    t.is(answer.code, 400);
    t.is(answer.body['status'], 'INVALID_REQUEST');
    t.regex(String(answer.body['message']), message);
  },
  title: (given) => `INVALID_REQUEST: ${given ?? ''}`,
});

test('not JSON', refuses, '{', {}, /^body: expected a JSON object, got text that is not JSON/);
test('an empty body', refuses, '', {}, /got an empty body.*A correct request: \{/);
test('an array', refuses, '[]', {}, /^body: expected a JSON object, got an array of 0/);
test('wrong fields', refuses, '{"script":1}', {}, /script: expected a string of .*, got 1\./);
test(
  'no JSON type',
  refuses,
  '{}',
  { 'content-type': 'text/plain' },
  /^Content-Type: .*"text\/plain"/,
);
test('a coded body', refuses, '{}', { 'content-encoding': 'gzip' }, /^Content-Encoding/);

test('bytes that are not UTF-8 are refused', async (t) => {
  const answer = await request('/execute', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Uint8Array.of(0x22, 0xff, 0x22),
  });
  t.regex(answer.text, /expected UTF-8/);
});

test('REQUEST_TOO_LARGE: by its length, and by its bytes when it hides its length', async (t) => {
  const body = ' '.repeat(requestLimits.bodyBytesMax + 1);
  t.is((await execute(body)).body['status'], 'REQUEST_TOO_LARGE');
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const chunked = httpRequest(
    `${url()}/execute`,
    { method: 'POST', headers: { 'content-type': 'application/json' } },
    (response) => {
      response.resume();
      resolve(response.statusCode);
    },
  );
  chunked.on('error', reject);
  chunked.write(body.slice(0, 1e6));
  chunked.end(body);
  t.is(await promise, 413);
});

test('NOT_FOUND and METHOD_NOT_ALLOWED say what there is', async (t) => {
  const lost = await request('/exec');
  t.is(lost.code, 404);
  t.regex(String(lost.body['message']), /\/execute/);
  const wrong = await request('/execute');
  t.is(wrong.code, 405);
  t.is(wrong.headers.get('allow'), 'POST');
  t.is((await request('/constructor')).code, 404);
});

test('DELETE ends a sandbox, whatever its id is made of', async (t) => {
  for (const sandbox_id of ['gone', 'ä/ö %', '..', '__proto__']) {
    const call = () => execute({ sandbox_id, init_script: 'let n = 0', script: '++n' });
    t.is((await call()).body['result'], 1);
    t.is((await call()).body['result'], 2);
    const path = `/sandboxes/${encodeURIComponent(sandbox_id).replaceAll('.', '%2E')}`;
    const end = () => fetch(`${url()}${path}`, { method: 'DELETE' });
    t.is((await end()).status, sandbox_id === '..' ? 404 : 204, sandbox_id);
    if (sandbox_id === '..') continue;
    const again = await end();
    t.is(again.status, 404);
    t.regex(await again.text(), /NOT_FOUND.*sandbox_id/);
    t.is((await call()).body['result'], 1);
  }
});

test('DELETE says what is wrong with a path', async (t) => {
  const broken = await fetch(`${url()}/sandboxes/%zz`, { method: 'DELETE' });
  t.is(broken.status, 400);
  t.regex(await broken.text(), /INVALID_REQUEST.*path/);
  t.is((await fetch(`${url()}/sandboxes/`, { method: 'DELETE' })).status, 404);
  const wrong = await fetch(`${url()}/sandboxes/x`);
  t.is(`${wrong.status} ${wrong.headers.get('allow') ?? ''}`, '405 DELETE');
});

// By itself: a sandbox leaves a worker that is busy with other tests' calls, and is dormant then.
test.serial('usage tells where the sandbox came from and where the time went', async (t) => {
  const call = () => execute({ sandbox_id: 'timed', init_script: '', script: '1' });
  for (const kind of ['new', 'live']) {
    const { body, headers } = await call();
    const usage = body['usage'] as Record<string, unknown>;
    t.is(usage['sandbox'], kind);
    for (const field of ['queue_us', 'restore_us', 'run_us']) {
      t.true(Number.isInteger(usage[field]) && Number(usage[field]) >= 0, field);
    }
    const timing = headers.get('server-timing') ?? '';
    t.regex(timing, new RegExp(`^queue;dur=[\\d.]+, restore;dur=[\\d.]+;desc=${kind}, run;dur=`));
  }
});

const rawRequest = (options: object): Promise<{ code: number | undefined; body: string }> => {
  const { promise, resolve, reject } = Promise.withResolvers<{
    code: number | undefined;
    body: string;
  }>();
  httpRequest(url(), options, (response) => {
    text(response).then((body) => {
      resolve({ code: response.statusCode, body });
    }, reject);
  })
    .on('error', reject)
    .end();
  return promise;
};

test('a foreign Host is FORBIDDEN (DNS rebinding); addresses and localhost are not', async (t) => {
  for (const [host, code] of [
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['localhost:3000', 200],
    ['127.0.0.1', 200],
    ['[::1]:3000', 200],
  ] as const) {
    t.is((await rawRequest({ path: '/healthz', headers: { host } })).code, code, host);
  }
});

test('headers beyond their bound are refused with words', async (t) => {
  const header = 'x'.repeat(httpLimits.headerBytesMax + 1);
  const { code, body } = await rawRequest({ path: '/healthz', headers: { header } });
  t.is(code, 413);
  t.regex(body, /REQUEST_TOO_LARGE.*headers: expected at most/);
});

test('what is not HTTP is refused with words', async (t) => {
  const { port } = new URL(url());
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('\u0016\u0003\u0001 hello\r\n\r\n');
  t.regex(await text(socket), /^HTTP\/1\.1 400 .*INVALID_REQUEST/s);
});

test('probes and the document answer GET', async (t) => {
  t.is((await request('/healthz')).code, 200);
  t.is((await request('/readyz')).code, 200);
  const document = await request('/openapi.json');
  t.is(document.body['openapi'], '3.1.0');
});

test('a hundred requests at once are all answered, each with its own result', async (t) => {
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, index) => call(`${index} * 2`, {})),
  );
  t.deepEqual(
    results.map(({ body }) => body['result']),
    Array.from({ length: 100 }, (_, index) => index * 2),
  );
});
