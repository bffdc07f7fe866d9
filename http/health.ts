// What probes ask: is the process alive, and may it be sent work.

import { Refusal } from '../contract/failure.ts';
import type { HttpMiddleware } from './context.ts';

export const health = (): HttpMiddleware => (ctx) => {
  ctx.type = 'json';
  ctx.body = JSON.stringify({ status: 'OK' });
};

/** `unready`: why no work should be sent here, or undefined. */
export const readiness =
  (unready: () => string | undefined): HttpMiddleware =>
  (ctx) => {
    const why = unready();
    if (why !== undefined) throw new Refusal('UNAVAILABLE', why);
    ctx.type = 'json';
    ctx.body = JSON.stringify({ status: 'OK' });
  };
