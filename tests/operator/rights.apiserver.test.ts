// The operator's rights: enough, so that nothing it asks for is forbidden, and no more, so that the
// audit log has seen every verb that the chart grants. It runs with a token of its own account.

import test from 'ava';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onOurs } from '../cluster/cluster.ts';
import {
  namespaceObject,
  poolObject,
  startOperatedCluster,
  systemNamespace,
  type OperatedCluster,
} from '../helpers/operated-cluster.ts';

const account = `system:serviceaccount:${systemNamespace}:paddock-operator`;
const namespace = 'shop';
let cluster: OperatedCluster;
let operator: ReturnType<OperatedCluster['operator']> | undefined;

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** As `patch apps/deployments`. */
const grantsOf = ({ apiGroups, resources, verbs }: Rule): readonly string[] =>
  apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => `${verb} ${group === '' ? '' : `${group}/`}${resource}`),
    ),
  );

/** Verbs that no request has: the API server looks for them while it serves another. */
const unseen = new Set([
  // Asked for when a binding to these roles is made; see the test that takes it away.
  'bind rbac.authorization.k8s.io/clusterroles',
  // Asked for, beside patch, when what is applied is not there yet.
  'create secrets',
]);

const granted = async (): Promise<readonly string[]> => {
  const roles = [
    ...['clusterrole/paddock-operator', 'clusterrole/paddock-operator-cluster'],
    'role/paddock-operator-lease',
  ];
  const texts = roles.map((role) =>
    cluster.kubectl('-n', systemNamespace, 'get', role, '-o', 'json'),
  );
  const rules = (await Promise.all(texts)).flatMap(
    (text) => (JSON.parse(text) as { rules: readonly Rule[] }).rules,
  );
  return [...new Set(rules.flatMap(grantsOf))].toSorted();
};

const kinds = {
  deployment: 'plugins-runtime',
  service: 'plugins',
  serviceaccount: 'plugins-router',
  rolebinding: 'plugins-router',
  networkpolicy: 'plugins-runtime',
  poddisruptionbudget: 'plugins-runtime',
} as const;

const additions: Readonly<Partial<Record<keyof typeof kinds, object>>> = {
  deployment: { op: 'add', path: '/spec/template/spec/hostNetwork', value: true },
  service: { op: 'add', path: '/spec/ports/-', value: { name: 'more', port: 81 } },
  rolebinding: {
    ...{ op: 'add', path: '/subjects/-' },
    value: { kind: 'ServiceAccount', name: 'default', namespace },
  },
  networkpolicy: { op: 'add', path: '/spec/ingress/-', value: {} },
  poddisruptionbudget: { op: 'add', path: '/spec/selector/matchLabels/more', value: 'x' },
};

const seen = async (): Promise<ReadonlySet<string>> => {
  const log = await cluster.audited();
  const ours = log.filter(({ user }) => user === account);
  return new Set(ours.map(({ verb, resource }) => `${verb} ${resource}`));
};

const isReset = (kind: keyof typeof kinds, version: string): Promise<unknown> =>
  cluster.until(`${kind} is put back`, async () => {
    const { metadata } = await cluster.get(kind, namespace, kinds[kind]);
    const labelled = metadata.labels?.['app.kubernetes.io/managed-by'] === 'paddock-operator';
    return labelled && metadata.resourceVersion !== version;
  });

test.before(async () => {
  cluster = await startOperatedCluster();
  await cluster.apply(namespaceObject(namespace));
  operator = cluster.operator(await cluster.operatorKubeconfig());
  await cluster.apply(poolObject(namespace, 'plugins'));
  await cluster.until('the pool is looked at', async () => {
    const { status } = await cluster.condition(namespace, 'plugins', 'Ready');
    return status !== undefined;
  });
});

test.after.always(async () => {
  await operator?.stop();
  await cluster.stop();
});

onOurs(test.serial, 'the audit log')(
  'nothing is forbidden, and every granted verb is used',
  async (t) => {
    for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
      const name = kinds[kind];
      const addition = additions[kind];
      if (addition) {
        const patch = ['--type=json', '-o', 'json', '-p', JSON.stringify([addition])];
        const text = await cluster.kubectl('-n', namespace, 'patch', kind, name, ...patch);
        const { metadata } = JSON.parse(text) as { metadata: { resourceVersion: string } };
        await isReset(kind, metadata.resourceVersion);
      }
      // Without this label no watch shows it: the operator must look it up, and apply.
      await cluster.kubectl('-n', namespace, 'label', kind, name, 'app.kubernetes.io/managed-by-');
      await isReset(kind, '');
    }
    await operator?.stop();
    operator = undefined;
    const log = await cluster.audited();
    const forbidden = log.filter(({ user, code }) => user === account && code === 403);
    t.deepEqual(forbidden, []);
    const used = await seen();
    const unused = (await granted()).filter((grant) => !used.has(grant) && !unseen.has(grant));
    t.deepEqual(unused, []);
  },
);

onOurs(test.serial, 'the audit log')(
  'with watchNamespaces: rights there are enough, and elsewhere nothing is done',
  async (t) => {
    await cluster.apply(namespaceObject('customer'));
    await cluster.upgrade('watchNamespaces={customer}');
    const before = (await cluster.audited()).length;
    const kubeconfig = await cluster.operatorKubeconfig();
    operator = cluster.operator(kubeconfig, { PADDOCK_WATCH_NAMESPACES: 'customer' });
    await cluster.apply(poolObject(namespace, 'unseen'), poolObject('customer', 'seen'));
    await cluster.until('the pool is looked at', async () => {
      const { status } = await cluster.condition('customer', 'seen', 'Ready');
      return status !== undefined;
    });
    await operator.stop();
    operator = undefined;
    t.deepEqual(await cluster.condition(namespace, 'unseen', 'Ready'), {});
    const log = (await cluster.audited()).slice(before).filter(({ user }) => user === account);
    t.deepEqual(
      log.filter(({ code }) => code === 403),
      [],
    );
    await cluster.upgrade();
  },
);

onOurs(test.serial, 'OwnerReferencesPermissionEnforcement')(
  'what is said of owners is checked: the operator says no more than it may',
  async (t) => {
    const { uid } = (await cluster.get('sandboxpool', namespace, 'plugins')).metadata;
    const child = await cluster.get('service', namespace, 'plugins');
    const [reference] = child.metadata.ownerReferences ?? [];
    t.like(reference, { kind: 'SandboxPool', uid, controller: true });
    const asOperator = async (more: object): Promise<string> => {
      const owned = {
        ...{ apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: 1 }] } },
        metadata: { name: 'owned', namespace, ownerReferences: [{ ...reference, ...more }] },
      };
      const file = join(cluster.plane.folder, 'owned.json');
      await writeFile(file, JSON.stringify(owned));
      const create = ['create', '--dry-run=server', '-o', 'name', '-f', file, `--as=${account}`];
      return cluster.kubectl(...create).then(
        (name) => name.trim(),
        (error: unknown) => String(error),
      );
    };
    t.is(await asOperator({}), 'service/owned');
    t.regex(await asOperator({ blockOwnerDeletion: true }), /cannot set blockOwnerDeletion/);
    // Nor may it take a child that it could not delete from its owner.
    const patch = ['--type=merge', '-p', '{"metadata":{"ownerReferences":null}}'];
    const disown = ['-n', namespace, 'patch', 'service', 'plugins', ...patch, `--as=${account}`];
    await t.throwsAsync(cluster.kubectl(...disown), { message: /cannot set an ownerRef/ });
  },
);

test.serial(
  'ReconcileFailed: without `bind` the routers get no rights, the pool says why',
  async (t) => {
    const path = '{.rules[?(@.verbs[0]=="bind")].resourceNames}';
    const role = ['clusterrole', 'paddock-operator-cluster'];
    const before = await cluster.kubectl('get', ...role, '-o', 'json');
    t.not(await cluster.kubectl('get', ...role, '-o', `jsonpath=${path}`), '');
    const found = JSON.parse(before) as { metadata: object; rules: readonly Rule[] };
    const rules = found.rules.filter(({ verbs }) => !verbs.includes('bind'));
    const patch = JSON.stringify({ rules });
    await cluster.kubectl('patch', ...role, '--type=merge', '-p', patch);
    // On the cluster of KUBECONFIG the tests that stop it are left out.
    await operator?.stop();
    operator = cluster.operator(await cluster.operatorKubeconfig());
    await cluster.apply(poolObject(namespace, 'second'));
    await cluster.until('the pool says why', async () => {
      const { reason } = await cluster.condition(namespace, 'second', 'Degraded');
      return reason === 'ReconcileFailed';
    });
    const { message = '' } = await cluster.condition(namespace, 'second', 'Degraded');
    t.regex(message, /create RoleBinding second-router: Forbidden/);
  },
);

test.serial(
  'the account may not read a Secret list, nor write what it does not make',
  async (t) => {
    const may = async (...what: readonly string[]): Promise<string> =>
      cluster
        .kubectl('auth', 'can-i', ...what, '--all-namespaces', `--as=${account}`)
        .catch(() => 'no')
        .then((text) => text.trim());
    for (const [verb, ...what] of [
      ...[['list', 'secrets'] as const, ['watch', 'secrets'] as const],
      ...[['delete', 'secrets'] as const, ['create', 'pods'] as const],
      ...[['create', 'clusterrolebindings'] as const, ['create', 'roles'] as const],
      ...[['escalate', 'clusterroles'] as const, ['impersonate', 'users'] as const],
      ...[['delete', 'deployments.apps'] as const, ['update', 'sandboxpools.paddock.dev'] as const],
      ['create', 'serviceaccounts', '--subresource=token'] as const,
    ]) {
      t.is(await may(verb, ...what), 'no', `${verb} ${what.join(' ')}`);
    }
    t.is(await may('create', 'deployments.apps'), 'yes');
  },
);
