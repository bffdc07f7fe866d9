// One look at one pool: observe, decide, apply what differs, say how it is. Level based: what
// happened does not matter, only what is.

import type { OperatorConfiguration } from '../contract/operator.ts';
import { listed } from '../contract/explain.ts';
import { operatorLimits } from '../contract/limits.ts';
import { validateSpec, type SandboxPool } from '../contract/pool/pool.ts';
import type { SandboxPoolStatus } from '../contract/pool/status.ts';
import type { Client } from '../kubernetes/client.ts';
import { diff } from '../kubernetes/diff.ts';
import type { EventRecorder } from '../kubernetes/events.ts';
import { isNotFound, valueOf } from '../kubernetes/failure.ts';
import { resources, type KubernetesObject } from '../kubernetes/resource.ts';
import { refusedBy } from './allowed.ts';
import { applyChild } from './apply.ts';
import { ensureCertificates } from './certificates/ensure.ts';
import { ownerOf, type Child } from './desired/child.ts';
import { childrenOf } from './desired/children.ts';
import type { Deployment, Observed } from './observed.ts';
import { resolve, type Resolved } from './resolve.ts';
import type { Cause } from './status/causes.ts';
import { refusalOf } from './status/refusal.ts';
import { statusOf } from './status/status.ts';
import type { Caches } from './watch.ts';
import type { Written } from './written.ts';

export interface Reconciler {
  readonly client: Client;
  readonly caches: Caches;
  readonly configuration: OperatorConfiguration;
  readonly events: EventRecorder;
  readonly written: Written;
}

/** A child as the cache has it, or as we wrote it since. */
const childOf = (
  { caches, written }: Reconciler,
  { resource, object }: Pick<Child, 'resource' | 'object'>,
): KubernetesObject | undefined => {
  const { namespace = '', name } = object.metadata;
  const cached = caches.child(resource, namespace, name);
  return cached && written.newest(cached);
};

const observe = (reconciler: Reconciler, pool: Resolved): Observed => {
  const { caches } = reconciler;
  const { namespace, name, names } = pool;
  const deployment = (child: string) =>
    childOf(reconciler, {
      resource: resources.deployment,
      object: { metadata: { namespace, name: child } },
    }) as Deployment | undefined;
  return {
    runtime: deployment(names.runtime),
    router: deployment(names.router),
    pods: caches.pods(namespace, name),
    podEvents: caches.podEvents(namespace),
    runtimeClassExists: caches.runtimeClass(pool.runtimeClassName) !== undefined,
  };
};

/** Why this pool's children are left as they are, or undefined. */
const blockedBy = (configuration: OperatorConfiguration, pool: SandboxPool): Cause | undefined => {
  const valid = validateSpec(pool.spec);
  if (!valid.ok) return { reason: 'InvalidSpec', message: listed(valid.faults) };
  const refused = refusedBy(configuration, pool.spec);
  return refused.length > 0 ? { reason: 'NotAllowed', message: refused.join('; ') } : undefined;
};

/** Applies every child and gives the milliseconds after which to look at certificates again. */
const applyAll = async (
  reconciler: Reconciler,
  pool: SandboxPool,
  resolved: Resolved,
): Promise<number> => {
  const { client, events, written } = reconciler;
  const owner = ownerOf(pool.metadata);
  const lookAgainMs = await ensureCertificates(client, resolved, owner, Date.now());
  for (const child of childrenOf(resolved, owner)) {
    const { change, object } = await applyChild(client, child, childOf(reconciler, child), owner);
    if (change === 'none') continue;
    written.remember(object);
    await events.record(resources.pool, pool, {
      type: 'Normal',
      reason: change === 'created' ? 'Created' : 'Updated',
      action: change === 'created' ? 'Create' : 'Update',
      note: `${change} ${child.resource.kind} ${object.metadata.name}`,
    });
  }
  return lookAgainMs;
};

const writeStatus = async (
  { client, events }: Reconciler,
  pool: SandboxPool,
  status: SandboxPoolStatus,
): Promise<void> => {
  if (diff(status, pool.status ?? {}, ['conditions']).length === 0) return;
  const { name, namespace } = pool.metadata;
  const object = { metadata: { name, namespace }, status };
  const answer = await client.apply(resources.pool, object, 'status');
  // The pool was deleted meanwhile: nobody is left to be told.
  if (!answer.ok && isNotFound(answer.failure)) return;
  valueOf(`apply the status of ${namespace}/${name}`, answer);
  const degraded = status.conditions?.find(({ type }) => type === 'Degraded');
  if (degraded?.status !== 'True') return;
  const { reason, message } = degraded;
  const what = { type: 'Warning', reason, action: 'Reconcile', note: message } as const;
  await events.record(resources.pool, pool, what);
};

/**
 * Reconciles a pool, named as `namespace/name`, and gives the milliseconds after which to look
 * again whatever happens. Throws ApiError.
 */
export const reconcile = async (reconciler: Reconciler, key: string): Promise<number> => {
  const { caches, configuration } = reconciler;
  const pool = caches.pool(key);
  // Children of a pool that is gone go by their owner references.
  if (!pool || pool.metadata.deletionTimestamp !== undefined) return Infinity;
  const resolved = resolve(configuration, pool);
  let blocked = blockedBy(configuration, pool);
  let lookAgainMs = Infinity;
  if (!blocked) {
    try {
      lookAgainMs = await applyAll(reconciler, pool, resolved);
    } catch (error) {
      blocked = refusalOf(error);
      if (!blocked) throw error;
      // Nobody tells when what is in the way goes.
      lookAgainMs = operatorLimits.refusedMs;
    }
  }
  const observed = observe(reconciler, resolved);
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  await writeStatus(reconciler, pool, statusOf(pool, resolved, observed, blocked, now));
  return lookAgainMs;
};
