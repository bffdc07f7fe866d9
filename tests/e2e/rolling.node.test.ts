// Every pod of a pool is replaced under load, runtimes and routers, and no request fails: an open
// loop of calls without retries, over connections kept and made anew, while the image, the limits
// and the resources change.

import test from 'ava';
import {
  callFrom,
  clientPod,
  installCluster,
  restrictedNamespace,
  type InstalledCluster,
} from '../helpers/installed-cluster.ts';

const url = 'http://plugins.shop.svc/execute';
const audience = 'plugins.shop.sandboxpools.paddock.dev';
const perSecond = 50;
const callsMin = 3_000;

let cluster: InstalledCluster;

/**
 * Runs in the client pod until it is told to stop by a file: calls start by the clock, whether or
 * not those before have ended. Prints how many ended how.
 */
const load = `
const http = require('node:http');
const { existsSync, readFileSync } = require('node:fs');
const token = readFileSync('/var/run/paddock/token', 'utf8').trim();
const kept = new http.Agent({ keepAlive: true });
const counts = {};
let open = 0, sent = 0, last = '';
const end = (kind) => { counts[kind] = (counts[kind] ?? 0) + 1; open -= 1; };
const call = () => {
  sent += 1; open += 1;
  const id = sent % 3 === 0 ? null : 's' + (sent % 40);
  const body = JSON.stringify({ sandbox_id: id, init_script: 'let n = 0', script: '++n' });
  const authorization = 'Bearer ' + token;
  const type = 'application/json';
  const headers = { 'content-type': type, authorization, 'content-length': body.length };
  const agent = sent % 2 === 0 ? kept : new http.Agent({ keepAlive: false });
  const request = http.request('${url}', { method: 'POST', headers, agent }, (response) => {
    let text = '';
    response.on('data', (chunk) => { text += chunk; });
    response.on('end', () => {
      if (response.statusCode !== 200) last = text;
      end(String(response.statusCode));
    });
    response.on('error', (error) => { last = String(error); end('answer ' + error.code); });
  });
  request.on('error', (error) => { last = String(error); end('request ' + error.code); });
  request.end(body);
};
const since = Date.now();
const timer = setInterval(() => {
  while (sent < (Date.now() - since) * ${perSecond} / 1000) call();
  if (!existsSync('/tmp/stop') || sent < ${callsMin}) return;
  clearInterval(timer);
  const wait = setInterval(() => {
    if (open > 0) return;
    console.log(JSON.stringify({ sent, counts, last }));
    process.exit();
  }, 50);
}, 5);
`;

const pool = (spec: object) => ({
  apiVersion: 'paddock.dev/v1alpha1',
  kind: 'SandboxPool',
  metadata: { name: 'plugins', namespace: 'shop' },
  spec: { replicas: 2, ...spec },
});

/** The pool answers for its present generation. */
const rolledOut = () =>
  cluster.until('the pool is Ready for its present generation', async () => {
    const path = 'jsonpath={.metadata.generation}';
    const generation = await cluster.kubectl('-n', 'shop', 'get', 'sbp', 'plugins', '-o', path);
    const { status, observedGeneration } = await cluster.condition('plugins', 'shop', 'Ready');
    return status === 'True' && String(observedGeneration) === generation;
  });

test.before(async () => {
  cluster = await installCluster();
  const { apply, images, kubectl } = cluster;
  await apply(restrictedNamespace('shop'), restrictedNamespace('customer'), pool({}), {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'client', namespace: 'customer' },
  });
  await apply(clientPod('customer', images.router, audience), {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'client', namespace: 'shop' },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'paddock-execute',
    },
    subjects: [{ kind: 'ServiceAccount', name: 'client', namespace: 'customer' }],
  });
  await rolledOut();
  await kubectl('-n', 'customer', 'wait', '--for=condition=Ready', 'pod/client', '--timeout=60s');
});

test.after.always(() => cluster.stop());

test('image, limits, resources and routers change under load, and no request fails', async (t) => {
  const { apply, images, kubectl, node } = cluster;
  const exec = ['-n', 'customer', 'exec', 'client', '--', '/usr/bin/node', '-e'];
  const [warm] = await callFrom(cluster, 'customer', [{ url, body: { script: '1' } }]);
  t.is(warm?.code, 200);
  const loaded = kubectl(...exec, load);
  const image = `${images.runtime}-again`;
  await node.tagImage(images.runtime, image);
  const steps = [
    { image },
    { image, limits: { memory: '32Mi' } },
    { image, limits: { memory: '32Mi' }, resources: { limits: { memory: '1200Mi' } } },
    {
      ...{ image, limits: { memory: '32Mi' }, resources: { limits: { memory: '1200Mi' } } },
      router: { resources: { limits: { memory: '600Mi' } } },
    },
  ];
  for (const spec of steps) {
    await apply(pool(spec));
    await rolledOut();
  }
  await kubectl(...exec, 'require("node:fs").writeFileSync("/tmp/stop", "")');
  const { sent, counts, last } = JSON.parse(await loaded) as {
    readonly sent: number;
    readonly counts: Readonly<Record<string, number>>;
    readonly last: string;
  };
  t.true(sent >= callsMin);
  t.deepEqual(counts, { 200: sent }, last);
});
