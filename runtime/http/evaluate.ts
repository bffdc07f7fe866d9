// Hands the request to the engine; takes it back, waiting or running, when its client is gone.

import { Refusal } from '../../contract/failure.ts';
import type { Engine } from '../index.ts';
import type { Middleware } from './context.ts';

export const evaluate =
  (engine: Pick<Engine, 'evaluateChecked'>): Middleware =>
  async (ctx, next) => {
    const { socket } = ctx.req;
    const gone = new AbortController();
    const abort = (): void => {
      gone.abort(new Refusal('UNAVAILABLE', 'the client has gone'));
    };
    socket.once('close', abort);
    try {
      const { request, caller } = ctx.state;
      ctx.state.outcome = await engine.evaluateChecked(request, caller, gone.signal);
    } finally {
      socket.off('close', abort);
    }
    await next();
  };
