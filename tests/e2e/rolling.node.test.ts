// What changes under load without a request that fails: every pod of a pool is replaced, runtimes
// and routers, as image, limits and resources change; then all their certificates. Calls without
// retries, over connections kept and made anew.

import test from 'ava';
import { certificateLimits } from '../../contract/limits.ts';
import { connect } from '../../kubernetes/config.ts';
import type { OwnerReference } from '../../kubernetes/resource.ts';
import { ensureCertificates } from '../../operator/certificates/ensure.ts';
import { account, mayExecute } from '../helpers/callers.ts';
import {
  installCluster,
  restrictedNamespace,
  type InstalledCluster,
} from '../helpers/installed-cluster.ts';
import { startLoad, type Load } from '../helpers/load.ts';

const audience = 'plugins.shop.sandboxpools.paddock.dev';
const callsMin = 3_000;

let cluster: InstalledCluster;

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
  const { apply } = cluster;
  await apply(restrictedNamespace('shop'), restrictedNamespace('customer'), pool({}));
  await apply(account('customer', 'client'), mayExecute('shop', 'customer', 'client'));
  await rolledOut();
});

test.after.always(() => cluster.stop());

const startCalls = async (): Promise<Load> => {
  const { kubectl } = cluster;
  const create = ['-n', 'customer', 'create', 'token', 'client', `--audience=${audience}`];
  const token = (await kubectl(...create)).trim();
  const path = 'jsonpath={.spec.clusterIP}';
  const address = await kubectl('-n', 'shop', 'get', 'service', 'plugins', '-o', path);
  const url = `http://${address}/execute`;
  const plan = { sandboxes: 20, loose: 0, everyMs: 250, perSecond: 60 };
  return startLoad(cluster, { url, token, ...plan });
};

test.serial('image, limits, resources and routers change, and no request fails', async (t) => {
  const { apply, images } = cluster;
  const load = await startCalls();
  const image = images.runtimeAgain;
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
  const { sent, counts, skips, last } = await load.stop();
  t.deepEqual(counts, { 200: sent }, last);
  t.deepEqual(skips, []);
  t.true(sent >= callsMin, `${sent} calls`);
});

interface Secret {
  readonly metadata: {
    readonly annotations: Readonly<Record<string, string>>;
    readonly ownerReferences: readonly OwnerReference[];
    readonly resourceVersion: string;
  };
  readonly data: Readonly<Record<string, string>>;
}

const secrets = ['plugins-router-tls', 'plugins-runtime-tls'] as const;

const secretOf = async (name: string): Promise<Secret> =>
  JSON.parse(await cluster.kubectl('-n', 'shop', 'get', 'secret', name, '-o', 'json')) as Secret;

const stages = async (): Promise<readonly (string | undefined)[]> => {
  const found = await Promise.all(secrets.map(secretOf));
  return found.map(({ metadata }) => metadata.annotations['paddock.dev/certificate-stage']);
};

/** How often each pod has taken up certificates, by its log. */
const takenUp = async (): Promise<ReadonlyMap<string, number>> => {
  const names = await cluster.kubectl('-n', 'shop', 'get', 'pods', '-o', 'name');
  const counts = new Map<string, number>();
  for (const name of names.trim().split('\n')) {
    const log = await cluster.kubectl('-n', 'shop', 'logs', name);
    counts.set(name, log.split('took up new certificates').length - 1);
  }
  return counts;
};

/** Writes the certificates as an operator would at another time, until all pods have them. */
const writeAt = async (owner: OwnerReference, now: number): Promise<void> => {
  const before = await takenUp();
  const client = connect(cluster.env['KUBECONFIG']);
  await ensureCertificates(client, { name: 'plugins', namespace: 'shop' }, owner, now);
  await client.close();
  // A kubelet looks at what a pod has mounted when the pod changes, else once in a minute or two.
  const nudge = `paddock.dev/test=${now}`;
  await cluster.kubectl('-n', 'shop', 'annotate', 'pods', '--all', '--overwrite', nudge);
  await cluster.until('every pod has taken up its certificates', async () => {
    const after = await takenUp();
    return [...before].every(([name, count]) => (after.get(name) ?? 0) > count);
  });
};

test.serial('certificates and their authority are replaced, and no request fails', async (t) => {
  const { kubectl } = cluster;
  const { renewAfterMs, settleMs } = certificateLimits;
  await cluster.until('pods of the test before are gone', async () => {
    const going = 'jsonpath={.items[*].metadata.deletionTimestamp}';
    return (await kubectl('-n', 'shop', 'get', 'pods', '-o', going)) === '';
  });
  const since = Date.now() - renewAfterMs - 3 * settleMs;
  const first = await secretOf('plugins-router-tls');
  const [owner] = first.metadata.ownerReferences;
  if (!owner) throw new Error('the Secret has no owner');
  const scale = ['-n', 'paddock', 'scale', 'deployment', 'paddock-operator'];
  // Two months take two minutes: the test is the operator meanwhile, by a clock of its own.
  await kubectl(...scale, '--replicas=0');
  await kubectl('-n', 'paddock', 'wait', '--for=delete', 'pod', '--all', '--timeout=60s');
  await kubectl('-n', 'shop', 'delete', 'secret', ...secrets);
  await writeAt(owner, since);
  const old = await secretOf('plugins-router-tls');
  t.not(old.data['tls.crt'], first.data['tls.crt']);

  const load = await startCalls();
  const due = since + renewAfterMs;
  for (const [at, stage] of [
    [due, 'trust'],
    [due + settleMs, 'switch'],
    [due + 2 * settleMs, 'steady'],
  ] as const) {
    await writeAt(owner, at + 1_000);
    t.deepEqual(await stages(), [stage, stage]);
  }
  const { sent, counts, skips, lives, last } = await load.stop();
  t.deepEqual(counts, { 200: sent }, last);
  t.deepEqual(skips, []);
  t.is(lives, 20, 'no sandbox has lost its state');
  t.log(`${sent} calls`);

  const renewed = await Promise.all(secrets.map(secretOf));
  for (const { data } of renewed) {
    t.not(data['own-ca.crt'], old.data['own-ca.crt']);
    t.is(data['ca.crt'], data['own-ca.crt'], 'the old authority is trusted no more');
  }
  // The operator finds them as it would have left them.
  await kubectl(...scale, '--replicas=1');
  await kubectl('-n', 'paddock', 'rollout', 'status', 'deployment/paddock-operator');
  await kubectl('-n', 'shop', 'scale', 'sbp/plugins', '--replicas=1');
  await rolledOut();
  const versions = (found: readonly Secret[]) =>
    found.map(({ metadata }) => metadata.resourceVersion);
  t.deepEqual(versions(await Promise.all(secrets.map(secretOf))), versions(renewed));
});
