// What a real API server does not do when it is asked to: end every watch as soon as it begins, or
// refuse every list.

import test from 'ava';
import { KubeConfig } from '@kubernetes/client-node';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { kubernetesLimits } from '../../contract/limits.ts';
import { Client } from '../../kubernetes/client.ts';
import { Informer, type Watcher } from '../../kubernetes/informer.ts';
import { resources } from '../../kubernetes/resource.ts';

const start = async (handle: RequestListener, silenceMs?: number) => {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'cluster', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'user' },
  );
  return { server, client: new Client(config, silenceMs) };
};

/** What tells when a watch or list was tried again so many times. */
const restarted = (times: number) => {
  const enough = Promise.withResolvers<undefined>();
  let restarts = 0;
  const watcher: Watcher = {
    listed: () => undefined,
    event: () => undefined,
    restarted() {
      restarts += 1;
      if (restarts === times) enough.resolve(undefined);
    },
  };
  return { watcher, enough: enough.promise };
};

test('watches that end politely at once count as failures, and are opened later', async (t) => {
  let watches = 0;
  const { server, client } = await start(({ url = '' }, response) => {
    if (url.includes('watch=true')) {
      watches += 1;
      response.end();
    } else response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] }));
  });
  const { watcher, enough } = restarted(3);
  const informer = new Informer({
    ...{ client, watcher, scope: { resource: resources.pod } },
    onChange: () => undefined,
    onFault: (error) => t.fail(String(error)),
  });
  await enough;
  t.is(watches, 3);
  informer.stop();
  await client.close();
  server.close();
});

test('a server that has forgotten where a watch was is asked for a list', async (t) => {
  const pod = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } });
  const asked: string[] = [];
  const { server, client } = await start(({ url = '' }, response) => {
    const { searchParams } = new URL(url, 'http://localhost');
    const version = searchParams.get('resourceVersion');
    asked.push(version === null ? 'list' : `watch ${version}`);
    const lists = asked.filter((each) => each === 'list').length;
    if (version === null) {
      const items = lists === 1 ? [pod('gone', '1'), pod('stays', '1')] : [pod('stays', '5')];
      response.end(JSON.stringify({ metadata: { resourceVersion: `${lists}00` }, items }));
    } else if (version === '100') {
      const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    } else response.write(`${JSON.stringify({ type: 'ADDED', object: pod('new', '6') })}\n`);
  });
  const { watcher } = restarted(1);
  const changes: string[] = [];
  const done = Promise.withResolvers<undefined>();
  const informer = new Informer({
    ...{ client, watcher, scope: { resource: resources.pod } },
    onChange({ before, after }) {
      const version = (object: typeof before) => object?.metadata.resourceVersion ?? 'none';
      changes.push(`${(after ?? before)?.metadata.name}: ${version(before)}, ${version(after)}`);
      if (after?.metadata.name === 'new') done.resolve(undefined);
    },
    onFault: (error) => t.fail(String(error)),
  });
  await done.promise;
  t.deepEqual(asked, ['list', 'watch 100', 'list', 'watch 200']);
  t.deepEqual(changes, [
    ...['gone: none, 1', 'stays: none, 1', 'gone: 1, none', 'stays: 1, 5', 'new: none, 6'],
  ]);
  informer.stop();
  await client.close();
  server.closeAllConnections();
  server.close();
});

test('one that is told to be back soon does not wait longer and longer', async (t) => {
  // With the longest wait that others have, a dozen failures take minutes.
  t.timeout(20_000);
  const { server, client } = await start((_request, response) => {
    response.writeHead(503).end();
  });
  const { watcher, enough } = restarted(12);
  const informer = new Informer({
    ...{ client, watcher, scope: { resource: resources.pod } },
    onChange: () => undefined,
    onFault: (error) => t.fail(String(error)),
    retryMsMax: kubernetesLimits.retryMsMin,
  });
  await enough;
  t.false(informer.hasSynced);
  informer.stop();
  await client.close();
  server.close();
});

const pod = (name: string) => ({
  metadata: { name, namespace: 'shop', uid: name, resourceVersion: '1' },
});

/** A server of one list after another, the last one again and again, and of watches. */
const listing = (lists: readonly (readonly string[])[], onWatch: RequestListener) => {
  let listed = 0;
  const handle: RequestListener = (request, response) => {
    if (request.url?.includes('watch=true') === true) {
      onWatch(request, response);
      return;
    }
    const items = lists[Math.min(listed, lists.length - 1)]?.map(pod);
    listed += 1;
    response.end(JSON.stringify({ metadata: { resourceVersion: String(listed) }, items }));
  };
  return handle;
};

test('a watch that says nothing for too long is dead: another is opened', async (t) => {
  let watches = 0;
  const handle = listing([[]], (_, response) => {
    watches += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    // The first connection is half open: nobody will ever say anything on it.
    if (watches > 1) response.write(`${JSON.stringify({ type: 'ADDED', object: pod('late') })}\n`);
  });
  const { server, client } = await start(handle, 200);
  const came = Promise.withResolvers<string>();
  const informer = new Informer({
    ...{ client, watcher: restarted(1).watcher, scope: { resource: resources.pod } },
    onChange: ({ after }) => {
      came.resolve(after?.metadata.name ?? '');
    },
    onFault: (error) => t.fail(String(error)),
  });
  t.is(await came.promise, 'late');
  t.true(watches >= 2);
  informer.stop();
  await client.close();
  server.closeAllConnections();
  server.close();
});

test('what a watch never told of is found by the next list, and counted', async (t) => {
  const handle = listing([['kept', 'gone'], ['kept']], (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  });
  const { server, client } = await start(handle);
  const missed = Promise.withResolvers<number>();
  const changes: string[] = [];
  const informer = new Informer({
    ...{ client, scope: { resource: resources.pod }, relistMs: 100 },
    watcher: {
      ...restarted(1).watcher,
      listed: (_, count) => {
        if (count > 0) missed.resolve(count);
      },
    },
    onChange: ({ before, after }) => {
      changes.push(`${after ? '+' : '-'}${(after ?? before)?.metadata.name ?? ''}`);
    },
    onFault: (error) => t.fail(String(error)),
  });
  t.is(await missed.promise, 1);
  await new Promise(setImmediate);
  t.deepEqual(changes, ['+kept', '+gone', '-gone']);
  informer.stop();
  await client.close();
  server.closeAllConnections();
  server.close();
});
