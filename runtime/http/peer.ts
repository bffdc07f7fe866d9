// Who is calling, behind a router: the connection must be the router's own, by the name in its
// certificate, and the caller is whom the router says.

import { TLSSocket } from 'node:tls';
import { Refusal } from '../../contract/failure.ts';
import { routerLimits } from '../../contract/limits.ts';
import { callerHeader } from '../../contract/internal-headers.ts';
import type { Middleware } from './context.ts';

/** Node writes a certificate's names as `URI:spiffe://…, DNS:…`, those with a comma in quotes. */
const hasName = (names: string, identity: string): boolean =>
  names.split(', ').includes(`URI:${identity}`);

/** @param identity URI in the router's certificate; others of the same authority are refused */
export const trustRouter =
  (identity: string): Middleware =>
  async (ctx, next) => {
    const { socket } = ctx.req;
    const peer = socket instanceof TLSSocket ? socket.getPeerCertificate() : undefined;
    if (!hasName(peer?.subjectaltname ?? '', identity)) {
      throw new Refusal('FORBIDDEN', 'client certificate: expected that of the pool’s router');
    }
    const caller = ctx.get(callerHeader);
    if (caller.length > routerLimits.callerKeyCharsMax || !/^[A-Za-z0-9_-]+$/.test(caller)) {
      throw new Refusal('INVALID_REQUEST', `${callerHeader}: expected base64url`);
    }
    ctx.state.caller = caller;
    await next();
  };
