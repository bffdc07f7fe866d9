// What the middlewares that every server of ours has hand on to each other.

import type { Middleware as KoaMiddleware } from 'koa';

export interface HttpState {
  /** Filled by `trace`: W3C trace id of this request. */
  traceId: string;
  /** Filled by `trace`: what a server that is called on behalf of this request is told. */
  traceparent: string;
  /** Filled by an authentication: whose sandboxes these are; empty for anonymous callers. */
  caller: string;
  /** Filled by `admit`: the body, which is UTF-8 and not looked at otherwise. */
  bytes: Buffer;
}

export type HttpMiddleware = KoaMiddleware<HttpState>;
