// Bodies that are as dear to read as bodies can be get their answers, from a runtime and through a
// router, and the next call is right.

import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { startRouter, type RunningRouter } from '../../router/server.ts';
import { createLog } from '../../telemetry/log.ts';
import { heavyBodies, type HeavyBody } from '../helpers/heavy-bodies.ts';
import { withServer } from '../helpers/server.ts';

const { url } = withServer(test);
let router: Promise<RunningRouter> | undefined;
/** Started by the first test that wants it: hooks run all at once. */
const routed = async (): Promise<string> => {
  const source = { members: [url()], hostNames: [] };
  router ??= startRouter({ source, log: createLog('silent'), host: '127.0.0.1', port: 0 });
  return (await router).url;
};
test.after.always(async () => (await router)?.drain(0));

const send = (to: string, { body, chunkBytes }: Pick<HeavyBody, 'body' | 'chunkBytes'>) => {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
  const headers = { 'content-type': 'application/json' };
  const sent = httpRequest(`${to}/execute`, { method: 'POST', headers }, (response) => {
    text(response).then((json) => {
      resolve(JSON.parse(json) as Record<string, unknown>);
    }, reject);
  }).on('error', reject);
  if (chunkBytes === undefined) sent.end(body);
  else {
    for (let at = 0; at < body.length; at += chunkBytes) {
      sent.write(body.slice(at, at + chunkBytes));
    }
    sent.end();
  }
  return promise;
};

const six = { body: '{"sandbox_id":null,"init_script":"","script":"2 * 3"}' };

for (const [by, where] of [
  ['a runtime', () => Promise.resolve(url())],
  ['a router', routed],
] as const) {
  for (const heavy of heavyBodies) {
    test.serial(`${by} answers ${heavy.name}`, async (t) => {
      const to = await where();
      const { status, result, message } = await send(to, heavy);
      t.is(status, heavy.status, String(message));
      t.regex(String(status === 'OK' ? result : message), heavy.says);
      t.is((await send(to, six))['result'], 6);
    });
  }
}
