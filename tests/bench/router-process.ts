// The two servers of bench:router as processes: an echo behind mutual TLS, and a router in front of
// it whose callers are known, as after their first call.
//   router-process.ts echo PORT FOLDER
//   router-process.ts router PORT FOLDER ECHO_URL
//   router-process.ts bare PORT FOLDER ECHO_URL

import { readFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { join } from 'node:path';
import { Agent } from 'undici';
import { createRegistry } from '../../telemetry/metrics.ts';
import { createLog } from '../../telemetry/log.ts';
import { startListener } from '../../http/listener.ts';
import { createLife } from '../../http/life.ts';
import { createApp } from '../../router/app.ts';
import { authenticate } from '../../router/callers/authenticate.ts';
import { createCallerCache } from '../../router/callers/cache.ts';
import { createUpstream } from '../../router/forward/upstream.ts';
import { fixedMembers } from '../../router/members/watch.ts';
import { runtimeServerName } from '../../contract/pool/names.ts';

const [role = '', port = '0', folder = '', echo = ''] = process.argv.slice(2);
const file = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** Behind the listener of a runtime, which keeps its connections as a runtime does. */
const serveEcho = async (): Promise<void> => {
  await startListener({
    handle: (request, response) => {
      response.setHeader('content-type', 'application/json');
      response.setHeader('content-length', request.headers['content-length'] ?? '0');
      request.pipe(response);
    },
    host: '127.0.0.1',
    port: Number(port),
    tls: { cert: file('runtime.crt'), key: file('runtime.key'), ca: file('ca.crt') },
  });
};

const serveRouter = async (): Promise<void> => {
  const registry = createRegistry();
  const files = { cert: file('router.crt'), key: file('router.key'), ca: file('ca.crt') };
  const callers = createCallerCache(() => Promise.resolve({ kind: 'allowed', caller: 'bench' }));
  const handle = createApp({
    log: createLog('error'),
    registry,
    life: createLife(),
    members: fixedMembers([echo], registry),
    upstream: createUpstream({ files, servername: runtimeServerName('bench', 'bench') }),
    authenticate: authenticate({ callers, pool: 'bench', namespace: 'bench', anonymous: false }),
    hostNames: undefined,
  });
  await startListener({
    handle,
    host: '127.0.0.1',
    port: Number(port),
  });
};

/** The floor: node:http takes the request, undici sends it over TLS, and nothing is looked at. */
const serveBare = (): void => {
  const tls = { cert: file('router.crt'), key: file('router.key'), ca: file('ca.crt') };
  const agent = new Agent({
    connections: 256,
    connect: { ...tls, servername: runtimeServerName('bench', 'bench') },
  });
  const server = createPlainServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [body] = chunks;
      agent.dispatch(
        {
          ...{ origin: echo, path: '/execute', method: 'POST' },
          headers: { 'content-type': 'application/json' },
          body: chunks.length === 1 && body ? body : Buffer.concat(chunks),
        },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, status) => response.writeHead(status),
          onResponseData: (_controller, chunk) => response.write(chunk),
          onResponseEnd: () => response.end(),
          onResponseError: () => response.destroy(),
        },
      );
    });
  });
  server.listen(Number(port), '127.0.0.1');
};

if (role === 'echo') await serveEcho();
else if (role === 'bare') serveBare();
else await serveRouter();
process.on('SIGINT', () => process.exit());
