// A router in front of members that fail in every way that a connection can: nothing is sent twice
// that may have been evaluated, and what was never sent finds another member.

import test from 'ava';
import {
  answer,
  cutBefore,
  cutWithin,
  refuse,
  startBetween,
  startMember,
} from '../../helpers/between.ts';

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

test('an answer longer than a read comes through whole', async (t) => {
  const text = 'x'.repeat(3_000_000);
  const member = await startMember((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(text);
  });
  const { execute, stop } = await startBetween([member]);
  t.true((await execute('x')).text === text);
  await stop();
});

test('a client that leaves takes its request along', async (t) => {
  const left = Promise.withResolvers<undefined>();
  const arrived = Promise.withResolvers<undefined>();
  const member = await startMember((request) => {
    arrived.resolve(undefined);
    request.socket.once('close', left.resolve);
  });
  const { url, stop } = await startBetween([member]);
  const client = new AbortController();
  const call = fetch(`${url}/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"sandbox_id":"x","init_script":"","script":""}',
    signal: client.signal,
  });
  await arrived.promise;
  client.abort();
  await t.throwsAsync(call);
  await left.promise;
  t.is(member.evaluated.length, 1);
  await stop();
});
