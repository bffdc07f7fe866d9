// The one place where a request's faults are caught: a refusal is told as it is, anything else
// becomes INTERNAL_SERVER_ERROR with an id that the log explains.

import { httpStatus, Refusal } from '../contract/failure.ts';
import type { Log } from '../telemetry/log.ts';
import type { HttpMiddleware } from './context.ts';

export const errors =
  (log: Log): HttpMiddleware =>
  async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      ctx.set('content-type', 'application/json; charset=utf-8');
      if (error instanceof Refusal) {
        ctx.status = httpStatus[error.status];
        for (const [name, value] of Object.entries(error.headers)) ctx.set(name, value);
        ctx.body = JSON.stringify({ status: error.status, message: error.message });
        return;
      }
      // A client that leaves in the middle of its body is no fault of ours, and nobody listens.
      if (error === ctx.req.errored) return;
      const id = crypto.randomUUID();
      log.error({ id, trace_id: ctx.state.traceId, err: error }, 'request failed');
      ctx.status = httpStatus.INTERNAL_SERVER_ERROR;
      const message = `internal error ${id}: the server's log tells more`;
      ctx.body = JSON.stringify({ status: 'INTERNAL_SERVER_ERROR', message });
    }
  };
