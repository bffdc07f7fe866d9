// To whom a router speaks: members that show the pool's own certificate for a runtime. Whoever else
// is found at a member's address, as when a pod's is given to another, hears nothing.

import test from 'ava';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { runtimeServerName } from '../../../contract/pool/names.ts';
import { issue, type Leaf } from '../../../operator/certificates/issue.ts';
import { Exchange } from '../../../router/forward/exchange.ts';
import { createUpstream, NotReached } from '../../../router/forward/upstream.ts';

const ours = await issue('plugins', 'shop', Date.now());
const others = await issue('plugins', 'another-shop', Date.now());
const impostor = await issue('plugins', 'shop', Date.now());

/** What a router gets from a server that shows this certificate, and what that one hears. */
const ask = async ({ cert, key }: Leaf, trusted = ours.ca) => {
  const heard: string[] = [];
  const tls = { cert, key, ca: ours.ca, requestCert: true };
  const server = createServer(tls, (request, response) => {
    heard.push(request.url ?? '');
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const servername = runtimeServerName('plugins', 'shop');
  const upstream = createUpstream({ files: { ...ours.router, ca: trusted }, servername });
  const exchange = new Exchange(() => undefined);
  const origin = `https://127.0.0.1:${port}`;
  const body = Buffer.from('{}');
  upstream.send({ origin, method: 'POST', path: '/execute', headers: [], body }, exchange);
  const got = await exchange.answer.then(
    ({ statusCode }) => statusCode,
    (error: unknown) => error,
  );
  await upstream.close();
  server.closeAllConnections();
  server.close();
  return { got, heard };
};

test('a runtime of the pool', async (t) => {
  t.deepEqual(await ask(ours.runtime), { got: 200, heard: ['/execute'] });
});

for (const [who, leaf, trusted] of [
  ['an authority of the same name that is not ours', impostor.runtime, undefined],
  ["another pool's runtime, though both are trusted", others.runtime, ours.ca + others.ca],
  ['a router of the pool that plays its runtime', ours.router, undefined],
] as const) {
  test(`${who} hears nothing`, async (t) => {
    const { got, heard } = await ask(leaf, trusted);
    t.true(got instanceof NotReached);
    t.deepEqual(heard, []);
  });
}
