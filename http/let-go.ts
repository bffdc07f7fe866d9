// A server that ends asks its clients to leave with each answer, so that nobody sends a request
// into a connection that is about to be closed.

import type { HttpMiddleware } from './context.ts';

/** Each answer while `draining` is the last of its connection. */
export const letGo =
  (draining: () => boolean): HttpMiddleware =>
  async (ctx, next) => {
    await next();
    if (draining()) ctx.set('connection', 'close');
  };
