// Who holds a token and what they may, asked of a real API server as a router does: with its own
// account and the roles that the chart gives it.

import test from 'ava';
import { audienceOf } from '../../../contract/pool/names.ts';
import type { Client } from '../../../kubernetes/client.ts';
import { connect } from '../../../kubernetes/config.ts';
import { valueOf } from '../../../kubernetes/failure.ts';
import { resources, type Resource } from '../../../kubernetes/resource.ts';
import { keyOf } from '../../../router/callers/caller.ts';
import { reviewer } from '../../../router/callers/reviews.ts';
import { onOurs, startCluster, type Cluster } from '../../cluster/cluster.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';

const namespace = 'shop';
const audience = audienceOf('plugins', namespace);

let plane: Cluster;
let client: Client;

const namespaces = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };

const role: Resource = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  plural: 'roles',
  namespaced: true,
};

const account = async (name: string): Promise<void> => {
  const made = await client.create(resources.serviceAccount, namespace, { metadata: { name } });
  valueOf(`create ${name}`, made);
};

const tokenOf = async (name: string, ...audiences: readonly string[]): Promise<string> => {
  const answer = await client.send<{ status: { token: string } }>({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: { spec: { audiences } },
  });
  return valueOf('token', answer).status.token;
};

test.before(async () => {
  plane = await startCluster();
  client = connect(plane.kubeconfig);
  valueOf(
    'namespace',
    await client.create(namespaces, undefined, { metadata: { name: namespace } }),
  );
  for (const name of ['member', 'stranger', 'elsewhere']) await account(name);
  await client.create(role, namespace, {
    metadata: { name: 'execute' },
    rules: [
      {
        apiGroups: ['paddock.dev'],
        resources: ['sandboxpools/execute'],
        resourceNames: ['plugins'],
        verbs: ['create'],
      },
    ],
  });
  await client.create(resources.roleBinding, namespace, {
    metadata: { name: 'execute' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'execute' },
    subjects: [{ kind: 'ServiceAccount', name: 'member', namespace }],
  });
});

test.after.always(async () => {
  await client.close();
  await plane.stop();
});

const review = (token: string, pool = 'plugins') => reviewer(client, pool, namespace)(token);

test('a member with a token for the pool is allowed, under a key of its own', async (t) => {
  const found = await client.get(resources.serviceAccount, { namespace, name: 'member' });
  const uid = valueOf('get', found).metadata.uid ?? '';
  const username = `system:serviceaccount:${namespace}:member`;
  t.deepEqual(await review(await tokenOf('member', audience)), {
    kind: 'allowed',
    caller: keyOf({ username, uid }),
  });
});

test('who has no role is forbidden, by name', async (t) => {
  t.deepEqual(await review(await tokenOf('stranger', audience)), {
    kind: 'forbidden',
    username: `system:serviceaccount:${namespace}:stranger`,
  });
});

test('a role for one pool is none for another', async (t) => {
  const other = audienceOf('other', namespace);
  t.is((await review(await tokenOf('member', other), 'other')).kind, 'forbidden');
});

test('a token for another audience, or no token at all, is unknown', async (t) => {
  t.is((await review(await tokenOf('member', 'else'))).kind, 'unknown');
  t.is((await review(await tokenOf('member'))).kind, 'unknown');
  t.is((await review('nonsense')).kind, 'unknown');
});

test('a token for several audiences is one for this', async (t) => {
  t.is((await review(await tokenOf('member', 'else', audience))).kind, 'allowed');
});

test('the token of an account that is gone is unknown', async (t) => {
  const token = await tokenOf('elsewhere', audience);
  const place = { namespace, name: 'elsewhere' };
  const { uid = '' } = valueOf('get', await client.get(resources.serviceAccount, place)).metadata;
  await client.delete(resources.serviceAccount, place, uid);
  t.is((await review(token)).kind, 'unknown');
});

onOurs(test, 'an API server that may be killed')(
  'without an API server nobody is known, and nobody forbidden',
  async (t) => {
    const token = await tokenOf('member', audience);
    const away = await startControlPlane();
    const lost = connect(away.kubeconfig);
    await away.stop();
    t.is((await reviewer(lost, 'plugins', namespace)(token)).kind, 'unanswered');
    await lost.close();
  },
);
