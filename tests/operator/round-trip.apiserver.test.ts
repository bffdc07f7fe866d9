// What the operator desires is what the API server keeps: written, read back, no difference, so
// that it writes once and then never again. Over whatever was there before.

import test from 'ava';
import fc from 'fast-check';
import type { SandboxPoolSpec } from '../../contract/pool/spec.ts';
import { connect } from '../../kubernetes/config.ts';
import { diff } from '../../kubernetes/diff.ts';
import { valueOf } from '../../kubernetes/failure.ts';
import type { KubernetesObject } from '../../kubernetes/resource.ts';
import { applyChild } from '../../operator/apply.ts';
import { ownerOf } from '../../operator/desired/child.ts';
import { childrenOf } from '../../operator/desired/children.ts';
import { resolve } from '../../operator/resolve.ts';
import {
  namespaceObject,
  poolObject,
  startOperatedCluster,
  type OperatedCluster,
} from '../helpers/operated-cluster.ts';
import { configuration } from '../helpers/pools.ts';

const namespace = 'shop';
let cluster: OperatedCluster;

test.before(async () => {
  cluster = await startOperatedCluster();
  await cluster.apply(namespaceObject(namespace), poolObject(namespace, 'plugins'));
});

test.after.always(() => cluster.stop());

const cpu = fc.constantFrom('1000m', '0.5', '1.250', '2', 2, '250m');
const memory = fc.constantFrom('1Gi', '1024Mi', '1.5Gi', '2G', 2 ** 30, '700000k');
const amounts = fc.record({ cpu, memory }, { requiredKeys: [] });
const share = fc.constantFrom(1, 2, '25%', '100%');
const entries = fc.dictionary(fc.constantFrom('team', 'a.b/c', 'x'), fc.constantFrom('', 'y', '1'));
const toleration = fc.record(
  {
    key: fc.constantFrom('gpu', 'a.b/c'),
    operator: fc.constantFrom('Exists' as const),
    effect: fc.constantFrom('NoSchedule' as const, 'NoExecute' as const),
  },
  { requiredKeys: ['key', 'operator'] },
);
const optionally = { requiredKeys: [] };

const spec = fc.record(
  {
    replicas: fc.nat(5),
    imagePullPolicy: fc.constantFrom('Always' as const, 'Never' as const),
    imagePullSecrets: fc.constantFrom([], [{ name: 'one' }], [{ name: 'one' }, { name: 'two' }]),
    resources: fc.record({ limits: amounts }, optionally),
    limits: fc.record({ fuel: fc.integer({ min: 1, max: 1e6 }) }, optionally),
    access: fc.record({ anonymous: fc.boolean() }, optionally),
    scheduling: fc.record(
      { nodeSelector: entries, tolerations: fc.array(toleration, { maxLength: 2 }) },
      optionally,
    ),
    router: fc.record(
      { replicas: fc.integer({ min: 1, max: 3 }), resources: fc.record({ limits: amounts }) },
      optionally,
    ),
    podLabels: entries,
    podAnnotations: entries,
    rollout: fc.record({ maxSurge: share, maxUnavailable: share }, optionally),
  },
  optionally,
) as fc.Arbitrary<SandboxPoolSpec>;

test('apply, read back: no difference, whatever was there before', async (t) => {
  const client = connect(cluster.plane.kubeconfig);
  const { metadata } = await cluster.get('sbp', namespace, 'plugins');
  const owner = ownerOf({ name: 'plugins', uid: metadata.uid });
  const identity = { name: 'plugins', namespace, uid: metadata.uid, generation: 1 };
  let looked = 0;
  await fc.assert(
    fc.asyncProperty(spec, async (each) => {
      const resolved = resolve(configuration, { metadata: identity, spec: each });
      for (const child of childrenOf(resolved, owner)) {
        const { name } = child.object.metadata;
        const read = () => client.get<KubernetesObject>(child.resource, { namespace, name });
        for (;;) {
          const before = await read();
          // The controllers write the status meanwhile: an old version is refused and tried again.
          const attempt = applyChild(client, child, before.ok ? before.value : undefined, owner);
          const done = await attempt.then(
            () => true,
            (error: unknown) => {
              if (String(error).includes('Conflict')) return false;
              throw error;
            },
          );
          if (done) break;
        }
        const found = valueOf(`get ${name}`, await read());
        t.deepEqual(diff(child.object, found, child.strict), [], `${child.resource.kind} ${name}`);
        looked += 1;
      }
    }),
    { numRuns: 40 },
  );
  t.true(looked >= 40);
  await client.close();
});
