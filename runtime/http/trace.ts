// Gives each request a W3C trace id (its caller's, when it sent a traceparent) and logs one line
// for it.

import { randomBytes } from 'node:crypto';
import type { Log } from '../../telemetry/log.ts';
import type { Middleware } from './context.ts';

/** https://www.w3.org/TR/trace-context/#traceparent-header, version 00. */
const traceparent = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export const trace =
  (log: Log): Middleware =>
  async (ctx, next) => {
    const sent = traceparent.exec(ctx.get('traceparent'))?.[1];
    ctx.state.traceId = sent ?? randomBytes(16).toString('hex');
    const since = performance.now();
    await next();
    const { method, path, status } = ctx;
    const ms = Math.round((performance.now() - since) * 1000) / 1000;
    log.debug({ trace_id: ctx.state.traceId, method, path, status, ms }, 'request');
  };
