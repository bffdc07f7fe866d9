// DELETE /sandboxes/ID goes where the sandbox's evaluations go, under the same rule of retries.

import test from 'ava';
import type { RequestListener } from 'node:http';
import { createEngine } from '../../../runtime/index.ts';
import { startServer } from '../../../runtime/server.ts';
import { startRouter } from '../../../router/server.ts';
import { createLog } from '../../../telemetry/log.ts';
import { answer, cutBefore, refuse, startBetween, startMember } from '../../helpers/between.ts';

const gone: RequestListener = (_request, response) => {
  response.writeHead(204).end();
};

test('a sandbox is deleted where its requests are evaluated', async (t) => {
  const members = [await startMember(answer), await startMember(answer)] as const;
  const { owned, execute, send, stop } = await startBetween(members);
  for (const [index, member] of members.entries()) {
    const id = owned(member);
    t.is((await execute(id)).code, 200);
    t.is((await send('DELETE', `/sandboxes/${id}`)).code, 200);
    t.deepEqual(member.asked, ['POST /execute', `DELETE /sandboxes/${id}`]);
    t.deepEqual(members[1 - index]?.asked.length, index === 0 ? 0 : 2);
  }
  await stop();
});

test('ids are decoded for the ring and spelled in one way for the member', async (t) => {
  const members = [await startMember(gone), await startMember(gone)] as const;
  const { send, execute, stop } = await startBetween(members);
  for (const id of ['a/b', 'a b', '100%', 'ä', '?', '#']) {
    await execute(id);
    const spelled = encodeURIComponent(id);
    t.is((await send('DELETE', `/sandboxes/${spelled}`)).code, 204);
    await send('DELETE', `/sandboxes/${spelled.toLowerCase()}`);
    const asked = members.map((member) => member.asked.splice(0)).filter(({ length }) => length);
    const deleted = `DELETE /sandboxes/${spelled}`;
    t.deepEqual(asked, [['POST /execute', deleted, deleted]]);
  }
  await stop();
});

test("a member's 404 for a sandbox that it does not have is the caller's", async (t) => {
  const member = await startMember((_request, response) => {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"status":"NOT_FOUND"}');
  });
  const { send, stop } = await startBetween([member]);
  t.deepEqual(await send('DELETE', '/sandboxes/x'), { code: 404, text: '{"status":"NOT_FOUND"}' });
  await stop();
});

test('a deletion is retried by the same rule: not once it was sent', async (t) => {
  const members = [await startMember(cutBefore), await startMember(refuse)] as const;
  const { owned, send, stop } = await startBetween(members);
  t.is((await send('DELETE', `/sandboxes/${owned(members[0])}`)).code, 502);
  t.deepEqual([members[0].asked.length, members[1].asked.length], [1, 0]);
  await send('DELETE', `/sandboxes/${owned(members[1])}`);
  t.deepEqual([members[0].asked.length, members[1].asked.length], [2, 1]);
  await stop();
});

test('what is neither an evaluation nor a deletion reaches no member', async (t) => {
  const member = await startMember(answer);
  const { send, stop } = await startBetween([member]);
  const cases = [
    ['GET', '/execute', 405],
    ['GET', '/sandboxes/x', 405],
    ['POST', '/sandboxes/x', 405],
    ['DELETE', '/sandboxes', 404],
    ['DELETE', '/sandboxes/', 404],
    ['DELETE', '/sandboxes/a/b', 404],
    ['DELETE', '/sandboxes/%', 400],
    ['GET', '/metrics', 404],
  ] as const;
  for (const [method, path, code] of cases) {
    t.is((await send(method, path)).code, code, `${method} ${path}`);
  }
  t.is(member.asked.length, 0);
  await stop();
});

test('a real sandbox is gone after it, and only once', async (t) => {
  const engine = await createEngine({ workers: 1 });
  const at = { host: '127.0.0.1', port: 0, log: createLog('silent') };
  const runtime = await startServer({ ...at, engine, version: '0' });
  const source = { members: [runtime.url], hostNames: [] };
  const router = await startRouter({ ...at, source });
  const count = async (): Promise<unknown> => {
    const response = await fetch(`${router.url}/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"sandbox_id":"a/b","init_script":"let n = 0","script":"++n"}',
    });
    return ((await response.json()) as { readonly result?: unknown }).result;
  };
  const forget = async (): Promise<string> => {
    const response = await fetch(`${router.url}/sandboxes/a%2Fb`, { method: 'DELETE' });
    const text = await response.text();
    const { status = '' } = (text === '' ? {} : JSON.parse(text)) as { readonly status?: string };
    return `${response.status} ${status}`;
  };
  t.deepEqual([await count(), await count()], [1, 2]);
  t.deepEqual([await forget(), await forget()], ['204 ', '404 NOT_FOUND']);
  t.is(await count(), 1);
  await router.drain(0);
  await runtime.drain(0);
  await engine.close();
});
