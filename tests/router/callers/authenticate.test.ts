// Who is let in, and what those are told who are not.

import test from 'ava';
import Koa from 'koa';
import type { AddressInfo } from 'node:net';
import { routerLimits } from '../../../contract/limits.ts';
import type { HttpState } from '../../../http/context.ts';
import { errors } from '../../../http/errors.ts';
import { authenticate } from '../../../router/callers/authenticate.ts';
import { createCallerCache } from '../../../router/callers/cache.ts';
import { anonymousKey } from '../../../router/callers/caller.ts';
import type { Verdict } from '../../../router/callers/reviews.ts';
import { createLog } from '../../../telemetry/log.ts';

const verdicts: Readonly<Record<string, Verdict>> = {
  good: { kind: 'allowed', caller: 'alice' },
  stranger: { kind: 'forbidden', username: 'bob' },
  lost: { kind: 'unanswered', why: 'the API server is away' },
};

/** Answers a request with who is calling. */
const ask = async (anonymous: boolean, authorization?: string) => {
  const callers = createCallerCache((token) =>
    Promise.resolve(verdicts[token] ?? { kind: 'unknown', why: 'no such token' }),
  );
  const app = new Koa<HttpState>();
  app.use(errors(createLog('silent')));
  app.use(authenticate({ callers, pool: 'plugins', namespace: 'shop', anonymous }));
  app.use((ctx) => {
    ctx.body = ctx.state.caller;
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const headers = authorization === undefined ? {} : { authorization };
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers });
  const answer = { code: response.status, text: await response.text() };
  server.close();
  callers.stop();
  return answer;
};

const audience = 'plugins.shop.sandboxpools.paddock.dev';

const cases: readonly (readonly [header: string | undefined, code: number, said: RegExp])[] = [
  ['Bearer good', 200, /^alice$/],
  ['bearer good', 200, /^alice$/],
  [undefined, 401, new RegExp(`${audience}.*no such header`)],
  ['Basic good', 401, /another value/],
  ['Bearer', 401, /another value/],
  ['Bearer good more', 401, /another value/],
  [`Bearer ${'x'.repeat(routerLimits.tokenCharsMax + 1)}`, 401, /another value/],
  ['Bearer unknown', 401, new RegExp(audience)],
  ['Bearer stranger', 403, /bob may not .*paddock-execute/],
  ['Bearer lost', 503, /UNAVAILABLE.*try again later/],
];

for (const [header, code, said] of cases) {
  test(`${header?.slice(0, 30) ?? 'no header'} is ${code}`, async (t) => {
    const answer = await ask(false, header);
    t.is(answer.code, code);
    t.regex(answer.text, said);
  });
}

test('where a pool says so callers without a token share one space, others do not', async (t) => {
  t.deepEqual(await ask(true), { code: 200, text: anonymousKey });
  t.deepEqual(await ask(true, 'Bearer good'), { code: 200, text: 'alice' });
  t.is((await ask(true, 'Bearer unknown')).code, 401);
});
