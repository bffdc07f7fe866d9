// What the middlewares of one request hand on to each other, in the order in which it is filled in.

import type { Middleware as KoaMiddleware } from 'koa';
import type { ExecuteRequest } from '../../contract/request.ts';
import type { Outcome } from '../../contract/outcome.ts';

export interface RequestState {
  /** Filled by `trace`: W3C trace id of this request. */
  traceId: string;
  /** Filled by `authenticate`: whose sandboxes these are; empty for anonymous callers. */
  caller: string;
  /** Filled by `admit`: the body, decoded but not looked at. */
  body: string;
  /** Filled by `validate`. */
  request: ExecuteRequest;
  /** Filled by `evaluate`. */
  outcome: Outcome;
}

export type Middleware = KoaMiddleware<RequestState>;
