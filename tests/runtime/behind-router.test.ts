// A runtime of a pool serves its own router and nobody else, over mutual TLS, through a change of
// all certificates; its probes are on a port of their own.

import test from 'ava';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { callerHeader } from '../../contract/internal-headers.ts';
import { httpLimits } from '../../contract/limits.ts';
import { routerIdentity, runtimeServerName } from '../../contract/pool/names.ts';
import { issue, type Issued } from '../../operator/certificates/issue.ts';
import { createEngine, type Engine } from '../../runtime/index.ts';
import { startServer, type RunningServer } from '../../runtime/server.ts';
import { createLog } from '../../telemetry/log.ts';

const servername = runtimeServerName('plugins', 'shop');
const identity = routerIdentity('plugins', 'shop');

let engine: Engine;
let server: RunningServer;
let folder: string;
let issued: Issued;

const write = async ({ runtime, ca }: Issued, trusted: string): Promise<void> => {
  await writeFile(join(folder, 'tls.crt'), runtime.cert);
  await writeFile(join(folder, 'tls.key'), runtime.key);
  await writeFile(join(folder, 'ca.crt'), `${ca}${trusted}`);
};

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-tls-'));
  issued = await issue('plugins', 'shop', Date.now());
  await write(issued, '');
  engine = await createEngine({ workers: 1 });
  server = await startServer({
    ...{ engine, version: '0', host: '127.0.0.1', port: 0, probePort: 0 },
    log: createLog('silent'),
    router: { tlsFolder: folder, identity },
  });
});

test.after.always(async () => {
  await server.drain(0);
  await engine.close();
  await rm(folder, { recursive: true });
});

interface Client {
  readonly ca: string;
  readonly leaf?: { readonly cert: string; readonly key: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly name?: string;
}

const execute = async ({ ca, leaf, headers = {}, name = servername }: Client, script: string) => {
  const dispatcher = new Agent({ connect: { ca, servername: name, ...leaf } });
  try {
    const { statusCode, body } = await request(`${server.url}/execute`, {
      ...{ method: 'POST', dispatcher },
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ sandbox_id: 'x', init_script: 'let n = 0', script }),
    });
    return { code: statusCode, body: (await body.json()) as Readonly<Record<string, unknown>> };
  } finally {
    await dispatcher.close();
  }
};

const own = (): Client => ({ ca: issued.ca, leaf: issued.router });
const as = (caller: string): Client => ({ ...own(), headers: { [callerHeader]: caller } });

test.serial('its router is served, and each caller has sandboxes of its own', async (t) => {
  t.is((await execute(as('alice'), '++n')).body['result'], 1);
  t.is((await execute(as('bob'), '++n')).body['result'], 1);
  t.is((await execute(as('alice'), '++n')).body['result'], 2);
});

test.serial(
  'who shows no certificate, or one of another authority, gets no connection',
  async (t) => {
    const foreign = await issue('plugins', 'shop', Date.now());
    await t.throwsAsync(execute({ ca: issued.ca }, '1'));
    await t.throwsAsync(execute({ ca: issued.ca, leaf: foreign.router }, '1'));
  },
);

test.serial(
  "a runtime's own certificate is no client's, nor is its server another's",
  async (t) => {
    await t.throwsAsync(execute({ ca: issued.ca, leaf: issued.runtime }, '1'));
    await t.throwsAsync(execute({ ...own(), name: 'runtime.other.shop.paddock.dev' }, '1'));
  },
);

test.serial('the router of another pool is refused, even by the same authority', async (t) => {
  const other = await startServer({
    ...{ engine, version: '0', host: '127.0.0.1', port: 0 },
    log: createLog('silent'),
    router: { tlsFolder: folder, identity: routerIdentity('other', 'shop') },
  });
  const dispatcher = new Agent({ connect: { ca: issued.ca, servername, ...issued.router } });
  const { statusCode, body } = await request(`${other.url}/execute`, {
    ...{ method: 'POST', dispatcher, body: '{}' },
    headers: { 'content-type': 'application/json', [callerHeader]: 'alice' },
  });
  t.is(statusCode, 403);
  await body.dump();
  await dispatcher.close();
  await other.drain(0);
});

for (const caller of ['', 'a b', '../x', 'a'.repeat(5_000)]) {
  test.serial(
    `a caller called ${caller.slice(0, 10)} of ${caller.length} is refused`,
    async (t) => {
      t.is((await execute(as(caller), '1')).code, 400);
    },
  );
}

test.serial(
  'probes and metrics are served without a certificate, evaluations are not',
  async (t) => {
    const get = async (path: string) => {
      const { statusCode, body } = await request(`${server.probeUrl ?? ''}${path}`);
      return { code: statusCode, text: await body.text() };
    };
    t.is((await get('/healthz')).code, 200);
    t.is((await get('/readyz')).code, 200);
    const { text } = await get('/metrics');
    t.regex(text, /^paddock_evaluations_total\{status="OK"\} [1-9]/m);
    t.regex(text, /^paddock_fuel_total [1-9]/m);
    t.regex(text, /http_server_request_duration_seconds_count\{.*http_route="\/execute"/);
    t.is((await get('/execute')).code, 404);
  },
);

test.serial('ids of sandboxes make no series', async (t) => {
  const series = async () => {
    const { body } = await request(`${server.probeUrl ?? ''}/metrics`);
    const lines = (await body.text()).split('\n');
    // Node's own, as kinds of handles, come and go.
    return lines.filter((line) => /^(?:paddock|http)_/.test(line)).length;
  };
  const before = await series();
  for (let index = 0; index < 50; index++) await execute(as(`caller${index}`), '1');
  t.is(await series(), before);
});

test.serial('new certificates are taken up without a restart', async (t) => {
  const next = await issue('plugins', 'shop', Date.now());
  await write(next, issued.ca);
  const deadline = performance.now() + 10 * httpLimits.tlsLookMs;
  const moved: Client = { ca: next.ca, leaf: next.router, headers: { [callerHeader]: 'alice' } };
  let result: unknown;
  while (result === undefined && performance.now() < deadline) {
    result = await execute(moved, '++n').then(
      ({ body }) => body['result'],
      () => undefined,
    );
  }
  t.is(result, 3);
});
