// Keeps a pool's two Secrets: reads both, takes the next step of the rotation when it is due.

import { randomUUID } from 'node:crypto';
import {
  childNames,
  labelsOf,
  routerIdentity,
  runtimeServerName,
  type Component,
} from '../../contract/pool/names.ts';
import type { Client } from '../../kubernetes/client.ts';
import { isNotFound, valueOf } from '../../kubernetes/failure.ts';
import { resources, type OwnerReference } from '../../kubernetes/resource.ts';
import { NotOwned, isOwnedBy } from '../owned.ts';
import { isGenuine, type Expected } from './genuine.ts';
import { issue } from './issue.ts';
import { begun, fresh, stepOf, type Held } from './rotation.ts';
import { heldIn, secretOf, type SecretObject } from './secret.ts';

interface PoolNames {
  readonly name: string;
  readonly namespace: string;
}

const read = async (
  client: Client,
  { namespace }: PoolNames,
  name: string,
  owner: OwnerReference,
  expected: Expected,
): Promise<Held | undefined> => {
  const answer = await client.get<SecretObject>(resources.secret, { namespace, name });
  if (!answer.ok) {
    if (isNotFound(answer.failure)) return undefined;
    valueOf(`get Secret ${name}`, answer);
    return undefined;
  }
  if (!isOwnedBy(answer.value, owner)) throw new NotOwned('Secret', name);
  const held = heldIn(answer.value);
  return held && isGenuine(held, expected) ? held : undefined;
};

/** Gives the milliseconds after which to look again. Throws ApiError and NotOwned. */
export const ensureCertificates = async (
  client: Client,
  pool: PoolNames,
  owner: OwnerReference,
  now: number,
): Promise<number> => {
  const names = childNames(pool.name);
  const router = await read(client, pool, names.routerTls, owner, {
    now,
    name: `URI:${routerIdentity(pool.name, pool.namespace)}`,
  });
  const runtime = await read(client, pool, names.runtimeTls, owner, {
    now,
    name: `DNS:${runtimeServerName(pool.name, pool.namespace)}`,
  });
  const step = stepOf({ router, runtime }, now);
  if (step.kind === 'keep') return step.lookAgainMs;
  const rotation = randomUUID();
  const pair =
    step.kind === 'write'
      ? step
      : step.kind === 'begin'
        ? begun(step, await issue(pool.name, pool.namespace, now), rotation, now)
        : fresh(await issue(pool.name, pool.namespace, now), rotation, now);
  const write = async (component: Component, name: string, held: Held): Promise<void> => {
    const metadata = {
      ...{ name, namespace: pool.namespace, ownerReferences: [owner] },
      labels: labelsOf(pool.name, component),
    };
    valueOf(`apply Secret ${name}`, await client.apply(resources.secret, secretOf(metadata, held)));
  };
  // The side that trusts first: a router that shows a new leaf must meet runtimes that trust it.
  await write('runtime', names.runtimeTls, pair.runtime);
  await write('router', names.routerTls, pair.router);
  return stepDelay(pair, now);
};

const stepDelay = (
  pair: { readonly router: Held; readonly runtime: Held },
  now: number,
): number => {
  const next = stepOf(pair, now);
  return next.kind === 'keep' ? next.lookAgainMs : 0;
};
