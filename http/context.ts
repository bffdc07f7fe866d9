// What the middlewares that every server of ours has see of a request, and hand on to each other.
// Koa's context is one of these, and so is that of `light-app.ts`.

import type { IncomingMessage, ServerResponse } from 'node:http';

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

export interface HttpContext<State> {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
  /** Of the URL, without its query. */
  readonly path: string;
  readonly protocol: string;
  readonly state: State;
  status: number;
  /** Text, a Buffer or a stream. */
  body: unknown;
  /** A header of the answer, its name in lower case. */
  set(name: string, value: string): void;
}

export type Next = () => Promise<unknown>;

export type Middleware<State> = (
  ctx: HttpContext<State>,
  next: Next,
) => Promise<unknown> | undefined;

export type HttpMiddleware = Middleware<HttpState>;
