// What the middlewares of a router hand on to each other.

import type { HttpState, Middleware } from '../http/context.ts';
import type { Target } from './forward/target.ts';

export interface RouterState extends HttpState {
  /** What is asked for: known before anybody is let in. */
  target: Target;
}

export type RouterMiddleware = Middleware<RouterState>;
