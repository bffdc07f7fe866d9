// What probes ask: is the process alive, and may it be sent work.

import { Refusal } from '../contract/failure.ts';
import type { HttpContext, HttpMiddleware } from './context.ts';

const answerOk = (ctx: HttpContext<unknown>): undefined => {
  ctx.set('content-type', 'application/json; charset=utf-8');
  ctx.body = JSON.stringify({ status: 'OK' });
};

export const health = (): HttpMiddleware => answerOk;

/** `unready`: why no work should be sent here, or undefined. */
export const readiness =
  (unready: () => string | undefined): HttpMiddleware =>
  (ctx) => {
    const why = unready();
    if (why !== undefined) throw new Refusal('UNAVAILABLE', why);
    answerOk(ctx);
    return undefined;
  };
