// EndpointSlices -> the members of a pool. Pure: what was seen before and the time come in.
// https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/

import { routerLimits } from '../../contract/limits.ts';
import type { KubernetesObject } from '../../kubernetes/resource.ts';

export interface EndpointSlice extends KubernetesObject {
  readonly addressType: string;
  /** Null while there is no endpoint, as is `endpoints`: the API server leaves neither out. */
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
  readonly endpoints?: readonly Endpoint[] | null;
}

interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: {
    readonly ready?: boolean | null;
    readonly terminating?: boolean | null;
  };
  readonly targetRef?: { readonly uid?: string };
}

export interface Member {
  /** The pod's uid: it stays the same when the address is given to another. */
  readonly id: string;
  /** As `https://10.244.0.7:8443`. */
  readonly url: string;
}

/** A member, and since when it has not been ready; undefined while it is. */
export interface Seen {
  readonly member: Member;
  readonly unreadySince: number | undefined;
}

type State = 'ready' | 'unready' | 'going';

const stateOf = ({ conditions }: Endpoint): State => {
  if (conditions?.terminating === true) return 'going';
  // A ready that is absent counts as true, as the API says.
  return (conditions?.ready ?? true) ? 'ready' : 'unready';
};

/** While an address moves between slices it stands in both: the better word counts. */
const rank: Readonly<Record<State, number>> = { going: 2, ready: 1, unready: 0 };

const urlOf = (address: string, port: number): string =>
  `https://${address.includes(':') ? `[${address}]` : address}:${port}`;

const found = (slices: readonly EndpointSlice[]) => {
  const best = new Map<string, { readonly member: Member; readonly state: State }>();
  for (const { ports, endpoints } of slices) {
    const port = ports?.[0]?.port;
    for (const endpoint of endpoints ?? []) {
      const [address] = endpoint.addresses;
      const id = endpoint.targetRef?.uid ?? address;
      if (address === undefined || id === undefined || port === undefined) continue;
      const state = stateOf(endpoint);
      const known = best.get(id);
      if (known && rank[known.state] >= rank[state]) continue;
      best.set(id, { member: { id, url: urlOf(address, port) }, state });
    }
  }
  return [...best.values()];
};

/**
 * Who is a member now. One that turns not ready without going stays owner of its sandboxes for
 * `unreadyGraceMs`: a probe that failed once must not fork them. One that was never ready is none.
 */
export const membersOf = (
  slices: readonly EndpointSlice[],
  before: readonly Seen[],
  now: number,
): readonly Seen[] =>
  found(slices).flatMap(({ member, state }): readonly Seen[] => {
    if (state === 'ready') return [{ member, unreadySince: undefined }];
    const known = before.find((seen) => seen.member.id === member.id);
    if (state === 'going' || !known) return [];
    const unreadySince = known.unreadySince ?? now;
    return now - unreadySince < routerLimits.unreadyGraceMs ? [{ member, unreadySince }] : [];
  });
