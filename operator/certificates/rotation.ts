// How a pool's certificates are replaced while it serves. Pure. A new authority is trusted beside
// the old one before any leaf of it is used, and the old one goes when no leaf of it is left:
//
//   steady ─▶ trust (both authorities, old leaves) ─▶ switch (both, new leaves) ─▶ steady
//
// Each step waits until every pod has read the one before. The two Secrets are written one after
// the other, so either may be a step ahead: the one behind follows before anything else happens.

import { certificateLimits as limits } from '../../contract/limits.ts';
import type { Issued, Leaf } from './issue.ts';

export type Stage = 'steady' | 'trust' | 'switch';

/** What one of the two Secrets holds. */
export interface Held {
  readonly stage: Stage;
  /** When the leaves in use were signed, and when this stage was written: ms since the epoch. */
  readonly issuedAt: number;
  readonly since: number;
  /** Names the authority that is new in this stage, the same in both Secrets. */
  readonly rotation: string;
  readonly leaf: Leaf;
  /** The authority of the leaf in use. */
  readonly ca: string;
  /** What is to come, in stage trust; what was before, in stage switch: its authority only. */
  readonly other?: { readonly ca: string; readonly leaf?: Leaf };
}

export interface HeldPair {
  readonly router: Held | undefined;
  readonly runtime: Held | undefined;
}

export type Step =
  | { readonly kind: 'keep'; readonly lookAgainMs: number }
  /** Nothing usable is there, or halves that do not fit: start anew. */
  | { readonly kind: 'issue' }
  | { readonly kind: 'begin'; readonly router: Held; readonly runtime: Held }
  | { readonly kind: 'write'; readonly router: Held; readonly runtime: Held };

const order: readonly Stage[] = ['steady', 'trust', 'switch'];

/** The next stage of one Secret. */
const advance = (held: Held, now: number): Held => {
  const { stage, other, ca, leaf, rotation, issuedAt } = held;
  if (stage === 'trust' && other?.leaf) {
    return {
      // It was signed when it began to be trusted, however long ago that is.
      ...{ stage: 'switch', rotation, since: now, issuedAt: held.since },
      ca: other.ca,
      leaf: other.leaf,
      other: { ca },
    };
  }
  return { stage: 'steady', rotation, since: now, issuedAt, ca, leaf };
};

/** The two are of one rotation, and at most one step apart. */
const fit = (router: Held, runtime: Held): boolean => {
  if (router.stage === runtime.stage) return router.rotation === runtime.rotation;
  const between = [router.stage, runtime.stage];
  // Trust may have reached one of them only: the other still speaks of the rotation before.
  if (between.includes('steady') && between.includes('trust')) return false;
  return router.rotation === runtime.rotation;
};

const nextOf = (pair: { readonly router: Held; readonly runtime: Held }, now: number): Step => {
  const { router, runtime } = pair;
  const { stage } = router;
  const waitMs = stage === 'steady' ? limits.renewAfterMs : limits.settleMs;
  const since =
    stage === 'steady'
      ? Math.min(router.issuedAt, runtime.issuedAt)
      : Math.max(router.since, runtime.since);
  const dueMs = since + waitMs - now;
  if (dueMs > 0) return { kind: 'keep', lookAgainMs: dueMs };
  if (stage === 'steady') return { kind: 'begin', router, runtime };
  return { kind: 'write', router: advance(router, now), runtime: advance(runtime, now) };
};

/** @param now milliseconds since the epoch */
export const stepOf = ({ router, runtime }: HeldPair, now: number): Step => {
  if (!router || !runtime) return { kind: 'issue' };
  const expired = (held: Held): boolean => held.issuedAt + limits.validMs < now;
  if (expired(router) || expired(runtime)) return { kind: 'issue' };
  if (!fit(router, runtime)) {
    const steady =
      router.stage === 'steady' ? router : runtime.stage === 'steady' ? runtime : undefined;
    // One of them alone begins to trust an authority whose other half was lost: begin anew.
    return steady
      ? { kind: 'begin', router: back(router), runtime: back(runtime) }
      : { kind: 'issue' };
  }
  if (router.stage === runtime.stage) return nextOf({ router, runtime }, now);
  const behind = order.indexOf(router.stage) < order.indexOf(runtime.stage);
  const finishing = router.stage === 'steady' || runtime.stage === 'steady';
  // From switch the way leads to steady: there the one in switch is the one behind.
  return behind !== finishing
    ? { kind: 'write', router: advance(router, now), runtime }
    : { kind: 'write', router, runtime: advance(runtime, now) };
};

/** A Secret that began to trust an authority that comes to nothing. */
const back = (held: Held): Held =>
  held.stage === 'trust'
    ? {
        ...{ stage: 'steady', rotation: held.rotation, since: held.since },
        issuedAt: held.issuedAt,
        ca: held.ca,
        leaf: held.leaf,
      }
    : held;

const first = (leaf: Leaf, { ca }: Issued, rotation: string, now: number): Held => ({
  stage: 'steady',
  ...{ leaf, ca, rotation, since: now, issuedAt: now },
});

/** Both Secrets from the start. */
export const fresh = (issued: Issued, rotation: string, now: number) => ({
  router: first(issued.router, issued, rotation, now),
  runtime: first(issued.runtime, issued, rotation, now),
});

/** Both Secrets begin to trust the authority to come. */
export const begun = (
  pair: { readonly router: Held; readonly runtime: Held },
  issued: Issued,
  rotation: string,
  now: number,
) => {
  const trust = (held: Held, leaf: Leaf): Held => ({
    ...held,
    ...{ stage: 'trust', rotation, since: now, other: { ca: issued.ca, leaf } },
  });
  return {
    router: trust(pair.router, issued.router),
    runtime: trust(pair.runtime, issued.runtime),
  };
};

/** What the servers of this Secret's holder trust. */
export const trustedBy = ({ ca, other }: Held): string => (other ? `${ca}${other.ca}` : ca);
