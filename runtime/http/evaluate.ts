// Hands the request to the engine.

import type { Engine } from '../index.ts';
import type { Middleware } from './context.ts';

export const evaluate =
  (engine: Pick<Engine, 'evaluateValid'>): Middleware =>
  async (ctx, next) => {
    ctx.state.outcome = await engine.evaluateValid(ctx.state.request, ctx.state.caller);
    await next();
  };
