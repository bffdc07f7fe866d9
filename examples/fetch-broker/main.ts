// A script asks for prices; the shop's key goes to the price server and to nobody else.

import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createEngine } from '@paddock-sandbox/paddock';
import { createBroker } from './broker.ts';

const prices = createServer((request, response) => {
  const known = request.headers.authorization === 'Bearer shop-key';
  const query = new URL(request.url ?? '', 'http://shop').searchParams.get('query') ?? '';
  response.statusCode = known ? 200 : 401;
  response.end(JSON.stringify({ price: query.length * 10 }));
}).listen(0, '127.0.0.1');
await once(prices, 'listening');
const { port } = prices.address() as AddressInfo;

const broker = createBroker({
  prices: {
    url: `http://127.0.0.1:${port}/prices`,
    headers: { authorization: 'Bearer shop-key' },
  },
});

{
  await using engine = await createEngine({ workers: 1, host: { fetch: broker } });
  using sandbox = engine.sandbox({ init_script: 'var asked = 0;' });
  const script = `(async () => {
    asked += 1;
    const { status, body } = await host.fetch({ route: input.route, query: input.item });
    return { status, ...JSON.parse(body), asked };
  })()`;
  for (const route of ['prices', 'http://169.254.169.254/']) {
    const outcome = await sandbox.evaluate({ script, input: { route, item: 'apple' } });
    console.log(outcome.status === 'OK' ? outcome.result_json : outcome.message);
  }
}
prices.close();
