// Lets callers in: by their ServiceAccount token, or without one where the pool says so.

import { Refusal } from '../../contract/failure.ts';
import { httpLimits, routerLimits } from '../../contract/limits.ts';
import { audienceOf } from '../../contract/pool/names.ts';
import type { HttpMiddleware } from '../../http/context.ts';
import type { CallerCache } from './cache.ts';
import { anonymousKey } from './caller.ts';
import type { Verdict } from './reviews.ts';

export interface Access {
  readonly callers: CallerCache;
  readonly pool: string;
  readonly namespace: string;
  /** Callers without a token are served, all in one space. */
  readonly anonymous: boolean;
}

const bearer = /^bearer ([^ ]*)$/i;

const tokenOf = (header: string): string | undefined => {
  const [, token = ''] = bearer.exec(header) ?? [];
  return token !== '' && token.length <= routerLimits.tokenCharsMax ? token : undefined;
};

const callerOf = (verdict: Verdict, { pool, namespace }: Access): string => {
  const audience = audienceOf(pool, namespace);
  switch (verdict.kind) {
    case 'allowed':
      return verdict.caller;
    case 'unknown':
      throw new Refusal(
        'UNAUTHENTICATED',
        `Authorization: expected "Bearer TOKEN" with a token for the audience ${audience}, got ` +
          'one that the cluster does not know for it',
        { 'www-authenticate': 'Bearer error="invalid_token"' },
      );
    case 'forbidden':
      throw new Refusal(
        'FORBIDDEN',
        `${verdict.username} may not create sandboxpools/execute of ${pool} in ${namespace}: ` +
          'bind it to the ClusterRole paddock-execute',
      );
    case 'unanswered':
      throw new Refusal('UNAVAILABLE', 'the cluster cannot say who is calling; try again later', {
        'retry-after': String(httpLimits.retryAfterSeconds),
      });
  }
};

export const authenticate =
  (access: Access): HttpMiddleware =>
  (ctx, next) => {
    const enter = (caller: string): Promise<unknown> => {
      ctx.state.caller = caller;
      return next();
    };
    const header = ctx.req.headers.authorization ?? '';
    if (header === '' && access.anonymous) return enter(anonymousKey);
    const token = tokenOf(header);
    if (token === undefined) {
      const audience = audienceOf(access.pool, access.namespace);
      throw new Refusal(
        'UNAUTHENTICATED',
        `Authorization: expected "Bearer TOKEN" with a token for the audience ${audience}, got ` +
          (header === '' ? 'no such header' : 'another value'),
        { 'www-authenticate': 'Bearer' },
      );
    }
    const verdict = access.callers.verdictOf(token);
    // Of a caller that is known nothing is awaited: each turn of the queue costs all calls.
    if (!(verdict instanceof Promise)) return enter(callerOf(verdict, access));
    return verdict.then((late) => enter(callerOf(late, access)));
  };
