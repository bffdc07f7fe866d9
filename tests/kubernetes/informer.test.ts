// What a real API server does not do when it is asked to: end every watch as soon as it begins.

import test from 'ava';
import { KubeConfig } from '@kubernetes/client-node';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '../../kubernetes/client.ts';
import { Informer } from '../../kubernetes/informer.ts';
import { resources } from '../../kubernetes/resource.ts';

test('watches that end politely at once count as failures, and are opened later', async (t) => {
  let watches = 0;
  const server = createServer(({ url = '' }, response) => {
    if (url.includes('watch=true')) {
      watches += 1;
      response.end();
    } else response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'cluster', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'user' },
  );
  const client = new Client(config);
  const thrice = Promise.withResolvers<undefined>();
  let restarts = 0;
  const informer = new Informer({
    client,
    scope: { resource: resources.pod },
    onChange: () => undefined,
    onFault: (error) => t.fail(String(error)),
    watcher: {
      listed: () => undefined,
      event: () => undefined,
      restarted() {
        restarts += 1;
        if (restarts === 3) thrice.resolve(undefined);
      },
    },
  });
  await thrice.promise;
  t.is(watches, 3);
  informer.stop();
  await client.close();
  server.close();
});
