// A router in front of members that fail in every way that a connection can: nothing is sent twice
// that may have been evaluated, and what was never sent finds another member.

import test from 'ava';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refusalHeader } from '../../../contract/internal-headers.ts';
import { createRing } from '../../../router/members/ring.ts';
import { startRouter } from '../../../router/server.ts';
import { createLog } from '../../../telemetry/log.ts';

interface Member {
  readonly url: string;
  readonly server: Server;
  /** Requests that arrived whole. */
  readonly evaluated: string[];
}

const startMember = async (handle: RequestListener): Promise<Member> => {
  const evaluated: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      evaluated.push(body);
      handle(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, server, evaluated };
};

const answer: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{"status":"OK"}');
};

const refuse: RequestListener = (_request, response) => {
  response.writeHead(503, { [refusalHeader]: 'draining', connection: 'close' });
  response.end('{"status":"UNAVAILABLE","message":"draining"}');
};

const cutBefore: RequestListener = (request) => request.socket.destroy();

const cutWithin: RequestListener = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"status":');
  setImmediate(() => request.socket.destroy());
};

interface Between {
  /** An id that this member owns. */
  readonly owned: (owner: Member) => string;
  readonly execute: (
    sandboxId: string | null,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly code: number; readonly text: string }>;
  readonly stop: () => Promise<void>;
}

/** A router over members, and a key that the first of them owns. */
const startBetween = async (members: readonly Member[]): Promise<Between> => {
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
    owned,
    async execute(sandboxId: string | null, headers: Readonly<Record<string, string>> = {}) {
      const response = await fetch(`${router.url}/execute`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ sandbox_id: sandboxId, init_script: '', script: '1' }),
      });
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

test('a keyed request goes to its owner and nowhere else', async (t) => {
  const members = [await startMember(answer), await startMember(answer)] as const;
  const { owned, execute, stop } = await startBetween(members);
  for (const member of members) {
    const id = owned(member);
    for (let call = 0; call < 5; call++) t.is((await execute(id)).code, 200);
    t.is(member.evaluated.length, 5);
  }
  await stop();
});

test('a request that was sent and cut off is told as unknown, and not sent again', async (t) => {
  const members = [await startMember(cutBefore), await startMember(answer)] as const;
  const { owned, execute, stop } = await startBetween(members);
  const { code, text } = await execute(owned(members[0]));
  t.is(code, 502);
  t.regex(text, /OUTCOME_UNKNOWN.*outcome unknown/);
  t.is(members[0].evaluated.length, 1);
  t.is(members[1].evaluated.length, 0);
  await stop();
});

test('an answer that is cut off is cut off for the caller too', async (t) => {
  const members = [await startMember(cutWithin), await startMember(answer)] as const;
  const { owned, execute, stop } = await startBetween(members);
  await t.throwsAsync(execute(owned(members[0])));
  t.is(members[0].evaluated.length + members[1].evaluated.length, 1);
  await stop();
});

test('what a draining member refuses goes to the next one', async (t) => {
  const members = [await startMember(refuse), await startMember(answer)] as const;
  const { owned, execute, stop } = await startBetween(members);
  t.is((await execute(owned(members[0]))).code, 200);
  t.is(members[1].evaluated.length, 1);
  await stop();
});

test('what reaches no member goes to the next one', async (t) => {
  const members = [await startMember(answer), await startMember(answer)] as const;
  const { owned, execute, stop } = await startBetween(members);
  const id = owned(members[0]);
  members[0].server.close();
  t.is((await execute(id)).code, 200);
  t.is(members[1].evaluated.length, 1);
  await stop();
});

test('with no member at all the answer is 503 and says that nothing was evaluated', async (t) => {
  const member = await startMember(answer);
  const { execute, stop } = await startBetween([member]);
  member.server.close();
  const { code, text } = await execute('x');
  t.is(code, 503);
  t.regex(text, /nothing was evaluated/);
  await stop();
});

test('headers that only a router may send are not passed on', async (t) => {
  let seen: NodeJS.Dict<string | string[]> = {};
  const member = await startMember((request, response) => {
    seen = request.headers;
    answer(request, response);
  });
  const { execute, stop } = await startBetween([member]);
  const trace = '0af7651916cd43dd8448eb211c80319c';
  await execute(null, {
    authorization: 'Bearer secret',
    cookie: 'a=b',
    'paddock-caller': 'forged',
    'paddock-anything': 'forged',
    'x-forwarded-for': '1.2.3.4',
    forwarded: 'for=1.2.3.4',
    traceparent: `00-${trace}-b7ad6b7169203331-01`,
  });
  t.is(seen['authorization'], undefined);
  t.is(seen['cookie'], undefined);
  t.is(seen['paddock-anything'], undefined);
  t.is(seen['x-forwarded-for'], undefined);
  t.is(seen['forwarded'], undefined);
  t.not(seen['paddock-caller'], 'forged');
  t.regex(String(seen['traceparent']), new RegExp(`^00-${trace}-(?!b7ad6b7169203331)`));
  await stop();
});
