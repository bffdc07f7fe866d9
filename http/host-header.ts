// Which Host headers are ours. A web page can make a name of its own resolve to this machine (DNS
// rebinding) and then read our answers; it cannot do so with an address or with `localhost`.

import { isIP } from 'node:net';
import { Refusal } from '../contract/failure.ts';
import type { HttpMiddleware } from './context.ts';

/** The name in a Host header, without port or brackets, in lower case; undefined when malformed. */
export const hostName = (header: string): string | undefined => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/@]+))(?::\d{1,5})?$/.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
};

/** Refuses a Host that is neither an address, `localhost` nor one of `names`. */
export const checkHost =
  (names: readonly string[]): HttpMiddleware =>
  async (ctx, next) => {
    const header = ctx.req.headers.host ?? '';
    const name = hostName(header);
    const ours = name !== undefined && (isIP(name) !== 0 || names.includes(name));
    if (!ours) {
      throw new Refusal(
        'FORBIDDEN',
        `Host: expected an address or ${names.join(', ')}, got another`,
      );
    }
    await next();
  };
