// What the middlewares of one request hand on to each other, in the order in which it is filled in.

import type { Middleware as KoaMiddleware } from 'koa';
import type { CheckedRequest } from '../../contract/request.ts';
import type { Outcome } from '../../contract/outcome.ts';
import type { HttpState } from '../../http/context.ts';

export interface RequestState extends HttpState {
  /** Filled by `validate`. */
  request: CheckedRequest;
  /** Filled by `evaluate`. */
  outcome: Outcome;
}

export type Middleware = KoaMiddleware<RequestState>;
