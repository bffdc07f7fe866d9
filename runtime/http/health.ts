// What probes ask: is the process alive, and may it be sent work.

import { Refusal } from '../../contract/failure.ts';
import type { Middleware } from './context.ts';

export const health = (): Middleware => (ctx) => {
  ctx.type = 'json';
  ctx.body = JSON.stringify({ status: 'OK' });
};

/** `draining`: the server has been told to end. */
export const readiness =
  (draining: () => boolean): Middleware =>
  (ctx) => {
    if (draining()) throw new Refusal('UNAVAILABLE', 'draining');
    ctx.type = 'json';
    ctx.body = JSON.stringify({ status: 'OK' });
  };
