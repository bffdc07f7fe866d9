// The members of a pool as the API server knows them at the moment, as a ring.

import type { Registry } from 'prom-client';
import { routerLimits } from '../../contract/limits.ts';
import { childNames } from '../../contract/pool/names.ts';
import type { Client } from '../../kubernetes/client.ts';
import { Informer, type Watcher } from '../../kubernetes/informer.ts';
import { resources } from '../../kubernetes/resource.ts';
import { Changes } from './changes.ts';
import { membersOf, type EndpointSlice, type Member, type Seen } from './members.ts';
import { createRing, type Ring } from './ring.ts';
import { measureRing } from './measure.ts';

export interface Members {
  readonly ring: () => Ring<Member>;
  /** Resolves when the members are known. */
  readonly synced: Promise<unknown>;
  /** Resolves at the next change, or after `ms`. */
  readonly changed: (ms: number) => Promise<void>;
  readonly stop: () => void;
}

export interface MembersOptions {
  readonly client: Client;
  readonly pool: string;
  readonly namespace: string;
  readonly registry: Registry;
  readonly watcher: Watcher;
  readonly onFault: (error: unknown) => void;
}

const sameIds = (a: readonly Seen[], b: readonly Seen[]): boolean =>
  a.length === b.length &&
  a.every(({ member }, index) => {
    const other = b[index]?.member;
    return member.id === other?.id && member.url === other.url;
  });

/** Members that do not change, as `paddock route --member` names them. */
export const fixedMembers = (urls: readonly string[], registry: Registry): Members => {
  const ring = createRing(urls.map((url) => ({ id: url, url })));
  measureRing(registry, () => ring.size);
  return {
    ring: () => ring,
    synced: Promise.resolve(),
    changed: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    stop: () => undefined,
  };
};

export const watchMembers = (options: MembersOptions): Members => {
  const { client, pool, namespace, registry, watcher, onFault } = options;
  let seen: readonly Seen[] = [];
  let ring = createRing<Member>([]);
  const changes = new Changes();
  const size = measureRing(registry, () => ring.size);
  const look = (): void => {
    const now = membersOf(informer.cache.values(), seen, performance.now());
    const changed = !sameIds(seen, now);
    seen = now;
    if (!changed) return;
    ring = createRing(seen.map(({ member }) => member));
    size.changed();
    changes.tell();
  };
  const informer = new Informer<EndpointSlice>({
    client,
    scope: {
      resource: resources.endpointSlice,
      namespace,
      labelSelector: `kubernetes.io/service-name=${childNames(pool).runtime}`,
    },
    onChange: look,
    ...{ onFault, watcher },
    retryMsMax: routerLimits.membersRetryMsMax,
  });
  // A member that is not ready leaves when its grace is over, which no event tells.
  const timer = setInterval(look, routerLimits.lookMs);
  timer.unref();
  return {
    ring: () => ring,
    synced: informer.synced,
    changed: (ms) => changes.next(ms),
    stop() {
      clearInterval(timer);
      informer.stop();
    },
  };
};
