// The operator on a real API server, as its own ServiceAccount with the chart's rights: what it
// makes, what it puts back, what it leaves alone, and what it says. The audit log is the witness.

import test from 'ava';
import { labelsOf } from '../../contract/pool/names.ts';
import { onOurs } from '../cluster/cluster.ts';
import { add, handEdits } from '../helpers/hand-edits.ts';
import { writesOf } from '../helpers/audit.ts';
import {
  namespaceObject,
  poolObject,
  startOperatedCluster,
  systemNamespace,
  type Found,
  type OperatedCluster,
} from '../helpers/operated-cluster.ts';

const account = `system:serviceaccount:${systemNamespace}:paddock-operator`;
const namespace = 'shop';
let cluster: OperatedCluster;
let operator: ReturnType<OperatedCluster['operator']> | undefined;

const children = [
  ...['deployments/plugins-router', 'deployments/plugins-runtime'],
  ...['networkpolicies/plugins-router', 'networkpolicies/plugins-runtime'],
  ...['poddisruptionbudgets/plugins-router', 'poddisruptionbudgets/plugins-runtime'],
  'rolebindings/plugins-router',
  ...['secrets/plugins-router-tls', 'secrets/plugins-runtime-tls'],
  ...['serviceaccounts/plugins-router', 'serviceaccounts/plugins-runtime'],
  ...['services/plugins', 'services/plugins-runtime'],
];

const generationOf = async (name: string): Promise<number> =>
  (await cluster.get('deployment', namespace, name)).metadata.generation ?? 0;

const containerOf = ({ spec }: Found): Readonly<Record<string, unknown>> => {
  const { template } = spec as {
    template: { spec: { containers: readonly Readonly<Record<string, unknown>>[] } };
  };
  return template.spec.containers[0] ?? {};
};

/** Resolves when everything that was asked of the operator is done and said. */
const settled = (pool: string): Promise<unknown> =>
  cluster.until(`${pool} is looked at`, async () => {
    const { metadata } = await cluster.get('sbp', namespace, pool);
    const { observedGeneration } = await cluster.condition(namespace, pool, 'Ready');
    return observedGeneration === metadata.generation;
  });

/** Something that is another after each write of a spec. */
const writtenSoFar = async (): Promise<string> => {
  if (cluster.plane.ours) return String(writesOf(await cluster.audited(), account).length);
  const path = 'jsonpath={.items[*].metadata.generation}';
  return cluster.kubectl('-n', namespace, 'get', 'sbp,deploy,networkpolicy,pdb', '-o', path);
};

/** Nothing is written for two seconds. */
const quiet = (): Promise<unknown> => {
  let written = '';
  let since = performance.now();
  return cluster.until('the operator is quiet', async () => {
    const now = await writtenSoFar();
    if (now !== written) since = performance.now();
    written = now;
    return performance.now() - since > 2000;
  });
};

const patch = (kind: string, name: string, operations: readonly object[]): Promise<string> =>
  cluster.kubectl(
    ...['-n', namespace, 'patch', kind, name, '--type=json', '-o', 'json', '-p'],
    JSON.stringify(operations),
  );

test.before(async () => {
  cluster = await startOperatedCluster();
  await cluster.apply(namespaceObject(namespace));
  operator = cluster.operator(await cluster.operatorKubeconfig());
  await cluster.apply(poolObject(namespace, 'plugins', { replicas: 2 }));
  await settled('plugins');
});

test.after.always(async () => {
  await operator?.stop();
  await cluster.stop();
});

test.serial('a pool has exactly these children, all of them its own', async (t) => {
  const kinds = [...new Set(children.map((child) => child.split('/')[0]))].join(',');
  const text = await cluster.kubectl('-n', namespace, 'get', kinds, '-o', 'json');
  const { items } = JSON.parse(text) as { items: readonly (Found & { kind: string })[] };
  const pool = await cluster.get('sbp', namespace, 'plugins');
  const ours = items.filter(({ metadata }) => metadata.name.startsWith('plugins'));
  t.deepEqual(
    ours
      .map(({ kind, metadata }) => `${kind.toLowerCase()}s/${metadata.name}`)
      .map((name) => name.replace('policys', 'policies'))
      .toSorted(),
    children.toSorted(),
  );
  for (const { metadata } of ours) {
    const { ownerReferences } = metadata as unknown as { ownerReferences: [{ uid: string }] };
    t.is(ownerReferences[0].uid, pool.metadata.uid);
    const component = metadata.name.includes('-runtime') ? 'runtime' : 'router';
    t.like(metadata.labels, labelsOf('plugins', component));
  }
});

test.serial('kubectl shows a pool in columns, by its short name and its category', async (t) => {
  const title = /^NAME +READY +DESIRED +UP-TO-DATE +URL +AGE\n/;
  const row = /^plugins +(?:True|False) +2 +[0-9] +http:\/\/plugins\.shop\.svc +[0-9]/m;
  for (const name of ['sbp', 'paddock']) {
    const text = await cluster.kubectl('-n', namespace, 'get', name);
    t.regex(text, title);
    t.regex(text, row);
  }
});

onOurs(test.serial, 'no node that starts pods')(
  'Unschedulable: Ready is False, for the reason that is',
  async (t) => {
    await cluster.until('the scheduler speaks', async () => {
      const { reason } = await cluster.condition(namespace, 'plugins', 'Degraded');
      return reason === 'Unschedulable';
    });
    const ready = await cluster.condition(namespace, 'plugins', 'Ready');
    t.like(ready, { status: 'False', reason: 'Unschedulable' });
    t.regex(ready.message ?? '', /no nodes available/);
    const { status } = await cluster.get('sbp', namespace, 'plugins');
    t.like(status, {
      replicas: 2,
      ready: 0,
      url: 'http://plugins.shop.svc',
      audience: 'plugins.shop.sandboxpools.paddock.dev',
      image: 'registry.example/paddock/runtime:1',
      selector: 'app.kubernetes.io/component=runtime,paddock.dev/pool=plugins',
    });
  },
);

onOurs(test.serial, 'the audit log')(
  'an operator that starts anew looks at everything and writes nothing',
  async (t) => {
    await quiet();
    const before = writesOf(await cluster.audited(), account);
    await operator?.stop();
    const anew = cluster.operator(await cluster.operatorKubeconfig());
    operator = anew;
    // A foreign label stays, and makes the new operator look once more.
    await cluster.kubectl('-n', namespace, 'label', 'deployment', 'plugins-runtime', 'team=blue');
    await cluster.until('it leads', () => Promise.resolve(anew.holdsLease && anew.hasSynced));
    await quiet();
    const after = writesOf(await cluster.audited(), account);
    t.deepEqual(after.slice(before.length), []);
    const { metadata } = await cluster.get('deployment', namespace, 'plugins-runtime');
    t.is(metadata.labels?.['team'], 'blue');
  },
);

for (const [what, [kind, name, operations]] of Object.entries(handEdits(namespace))) {
  test.serial(`a hand edit is put back: ${what}`, async (t) => {
    const { spec, subjects } = await cluster.get(kind, namespace, name);
    const edited = JSON.parse(await patch(kind, name, operations)) as Found;
    t.notDeepEqual([edited['spec'], edited['subjects']], [spec, subjects]);
    const restored = await cluster.until(`${what} is put back`, async () => {
      const found = await cluster.get(kind, namespace, name);
      const same = JSON.stringify([found['spec'], found['subjects']]);
      return same === JSON.stringify([spec, subjects]) && found;
    });
    t.deepEqual([restored['spec'], restored['subjects']], [spec, subjects]);
  });
}

test.serial('a child that is deleted comes again', async (t) => {
  const { metadata } = await cluster.get('networkpolicy', namespace, 'plugins-runtime');
  await cluster.kubectl('-n', namespace, 'delete', 'networkpolicy', 'plugins-runtime');
  const again = await cluster.until('it is there', () =>
    cluster.get('networkpolicy', namespace, 'plugins-runtime').catch(() => undefined),
  );
  t.not(again.metadata.uid, metadata.uid);
});

test.serial('A, B, A: it ends at A, and the Deployment changes once per edit', async (t) => {
  await quiet();
  const before = await generationOf('plugins-runtime');
  const set = (fuel: number) =>
    cluster.apply(poolObject(namespace, 'plugins', { replicas: 2, limits: { fuel } }));
  await set(1_000);
  await set(2_000);
  await set(1_000);
  await settled('plugins');
  await quiet();
  const runtime = await cluster.get('deployment', namespace, 'plugins-runtime');
  const { env } = containerOf(runtime) as { env: readonly { name: string; value?: string }[] };
  t.is(env.find(({ name }) => name === 'PADDOCK_FUEL')?.value, '1000');
  const rises = (runtime.metadata.generation ?? 0) - before;
  t.true(rises >= 1 && rises <= 3, `${rises} rises for 3 edits`);
});

test.serial('NotOwned: an object that was there first is left alone, until it goes', async (t) => {
  const foreign = {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'taken', namespace } },
    spec: { selector: { app: 'theirs' }, ports: [{ port: 1234 }] },
  };
  await cluster.apply(foreign);
  const { metadata } = await cluster.get('service', namespace, 'taken');
  await cluster.apply(poolObject(namespace, 'taken'));
  await cluster.until('the pool says so', async () => {
    const { reason } = await cluster.condition(namespace, 'taken', 'Degraded');
    return reason === 'NotOwned';
  });
  const { message } = await cluster.condition(namespace, 'taken', 'Ready');
  t.is(message, 'Service taken is there already and does not belong to this pool');
  const after = await cluster.get('service', namespace, 'taken');
  t.is(after.metadata.resourceVersion, metadata.resourceVersion);
  await cluster.kubectl('-n', namespace, 'delete', 'service', 'taken');
  await cluster.until('it is made', () =>
    cluster.get('deployment', namespace, 'taken-router').catch(() => undefined),
  );
});

test.serial('NotAllowed: what the chart does not list changes no child', async (t) => {
  const before = await generationOf('plugins-runtime');
  const edits = {
    image: 'evil.example/miner:1',
    runtimeClassName: 'runc',
    podAnnotations: { 'dev.gvisor.flag.network': 'host' },
    scheduling: {
      priorityClassName: 'system-cluster-critical',
      tolerations: [{ operator: 'Exists' }],
    },
  };
  await cluster.apply(poolObject(namespace, 'plugins', { replicas: 5, ...edits }));
  await settled('plugins');
  const { reason, message = '' } = await cluster.condition(namespace, 'plugins', 'Degraded');
  t.is(reason, 'NotAllowed');
  for (const part of ['image', 'runtimeClassName', 'podAnnotations', 'priorityClassName']) {
    t.true(message.includes(part), `${part} in ${message}`);
  }
  t.true(message.includes('tolerations[0]'));
  t.is(await generationOf('plugins-runtime'), before);
  await cluster.apply(poolObject(namespace, 'plugins', { replicas: 2, limits: { fuel: 1_000 } }));
  await settled('plugins');
});

test.serial(
  'a pool that goes takes its children with it, and its routers lose a right',
  async (t) => {
    const subjects = async (): Promise<readonly string[]> => {
      const text = await cluster.kubectl(
        'get',
        'clusterrolebinding',
        'paddock-tokenreview',
        '-ojson',
      );
      const found = JSON.parse(text) as { subjects?: readonly { name: string }[] };
      return (found.subjects ?? []).map(({ name }) => name);
    };
    t.true((await subjects()).includes('taken-router'));
    await cluster.kubectl('-n', namespace, 'delete', 'sbp', 'taken');
    await cluster.until('nothing is left', async () => {
      const text = await cluster.kubectl(
        ...['-n', namespace, 'get', 'deploy,svc,sa,secret,rolebinding,networkpolicy,pdb'],
        ...['-l', 'paddock.dev/pool=taken', '-o', 'name'],
      );
      return text.trim() === '' && !(await subjects()).includes('taken-router');
    });
    t.deepEqual(await subjects(), ['plugins-router']);
  },
);

test.serial('a subject that somebody added to the binding of routers goes', async (t) => {
  const subject = { kind: 'User', name: 'mallory', apiGroup: 'rbac.authorization.k8s.io' };
  await cluster.kubectl(
    ...['patch', 'clusterrolebinding', 'paddock-tokenreview', '--type=json', '-p'],
    JSON.stringify(add('/subjects/-', subject)),
  );
  await cluster.until('it is gone', async () => {
    const text = await cluster.kubectl(
      'get',
      'clusterrolebinding',
      'paddock-tokenreview',
      '-ojson',
    );
    return !text.includes('mallory');
  });
  t.pass();
});
