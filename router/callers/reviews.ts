// Asks the API server who holds a token and whether they may call this pool.

import { audienceOf, group, plural } from '../../contract/pool/names.ts';
import type { Client } from '../../kubernetes/client.ts';
import { resources } from '../../kubernetes/resource.ts';
import { keyOf, type User } from './caller.ts';

export type Verdict =
  | { readonly kind: 'allowed'; readonly caller: string }
  /** The token is none of ours, or is not meant for this pool. */
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'forbidden'; readonly username: string }
  /** The API server cannot be asked. */
  | { readonly kind: 'unanswered'; readonly why: string };

/** Whether the holder of a token may call. Never rejects. */
export type Review = (token: string) => Promise<Verdict>;

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: User;
    readonly audiences?: readonly string[];
    readonly error?: string;
  };
}

interface AccessReview {
  readonly status?: { readonly allowed?: boolean };
}

export const reviewer = (client: Client, pool: string, namespace: string): Review => {
  const audience = audienceOf(pool, namespace);
  const authorize = async (user: User): Promise<Verdict> => {
    const { username, uid, groups, extra } = user;
    const answer = await client.create<AccessReview>(resources.localAccessReview, namespace, {
      metadata: { namespace },
      spec: {
        user: username,
        ...(uid === undefined ? {} : { uid }),
        ...(groups ? { groups } : {}),
        ...(extra ? { extra } : {}),
        resourceAttributes: {
          ...{ namespace, group, resource: plural, subresource: 'execute' },
          ...{ verb: 'create', name: pool },
        },
      },
    });
    if (!answer.ok) return { kind: 'unanswered', why: answer.failure.message };
    return answer.value.status?.allowed === true
      ? { kind: 'allowed', caller: keyOf(user) }
      : { kind: 'forbidden', username };
  };
  return async (token) => {
    const answer = await client.create<TokenReview>(resources.tokenReview, undefined, {
      spec: { token, audiences: [audience] },
    });
    if (!answer.ok) return { kind: 'unanswered', why: answer.failure.message };
    const { authenticated, user, audiences = [], error = '' } = answer.value.status ?? {};
    // An authenticator that knows nothing of audiences leaves the list empty: not ours then.
    if (authenticated === true && user && audiences.includes(audience)) return authorize(user);
    return { kind: 'unknown', why: error };
  };
};
