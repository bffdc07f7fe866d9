// A router between callers and members that fail in every way that a connection can.

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refusalHeader } from '../../contract/internal-headers.ts';
import { createRing } from '../../router/members/ring.ts';
import { startRouter } from '../../router/server.ts';
import { createLog } from '../../telemetry/log.ts';

export interface Member {
  readonly url: string;
  readonly server: Server;
  /** Requests that arrived whole. */
  readonly evaluated: string[];
  /** Method and path of the same requests. */
  readonly asked: string[];
}

export const startMember = async (handle: RequestListener): Promise<Member> => {
  const evaluated: string[] = [];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      evaluated.push(body);
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      handle(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, server, evaluated, asked };
};

export const answer: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{"status":"OK"}');
};

export const refuse: RequestListener = (_request, response) => {
  response.writeHead(503, { [refusalHeader]: 'draining', connection: 'close' });
  response.end('{"status":"UNAVAILABLE","message":"draining"}');
};

export const cutBefore: RequestListener = (request) => request.socket.destroy();

export const cutWithin: RequestListener = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"status":');
  setImmediate(() => request.socket.destroy());
};

export interface Between {
  readonly url: string;
  /** An id that this member owns. */
  readonly owned: (owner: Member) => string;
  readonly execute: (
    sandboxId: string | null,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly code: number; readonly text: string }>;
  /** Any other request; the path is sent as it is. */
  readonly send: (
    method: string,
    path: string,
  ) => Promise<{ readonly code: number; readonly text: string }>;
  readonly stop: () => Promise<void>;
}

/** A router over members, and a key that the first of them owns. */
export const startBetween = async (members: readonly Member[]): Promise<Between> => {
  const router = await startRouter({
    source: { members: members.map(({ url }) => url), hostNames: ['localhost'] },
    log: createLog('silent'),
    host: '127.0.0.1',
    port: 0,
  });
  const ring = createRing(members.map(({ url }) => ({ id: url })));
  const owned = (owner: Member): string => {
    const ids = Array.from({ length: 1000 }, (_, index) => `s${index}`);
    return ids.find((id) => ring.ownerOf(`0:${id}`)?.id === owner.url) ?? 'none';
  };
  return {
    url: router.url,
    owned,
    async execute(sandboxId: string | null, headers: Readonly<Record<string, string>> = {}) {
      const response = await fetch(`${router.url}/execute`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ sandbox_id: sandboxId, init_script: '', script: '1' }),
      });
      return { code: response.status, text: await response.text() };
    },
    async send(method, path) {
      const response = await fetch(`${router.url}${path}`, { method });
      return { code: response.status, text: await response.text() };
    },
    async stop() {
      await router.drain(0);
      for (const { server } of members) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
};
