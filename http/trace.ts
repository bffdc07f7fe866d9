// Gives each request a W3C trace id (its caller's, when it sent a traceparent), a span when
// somebody records them, and one line in the log.

import type { Log } from '../telemetry/log.ts';
import { startRequestSpan } from '../telemetry/tracing.ts';
import type { HttpMiddleware } from './context.ts';

export const trace =
  (log: Log): HttpMiddleware =>
  async (ctx, next) => {
    const { method, path } = ctx;
    // The path may hold an id of a sandbox: a span's name must not.
    const span = startRequestSpan(
      `${method} /${path.split('/')[1] ?? ''}`,
      String(ctx.req.headers['traceparent'] ?? ''),
    );
    ctx.state.traceId = span.traceId;
    ctx.state.traceparent = span.traceparent;
    const since = performance.now();
    try {
      await next();
    } finally {
      const { status } = ctx;
      span.end({ 'http.request.method': method, 'http.response.status_code': status });
      const ms = Math.round((performance.now() - since) * 1000) / 1000;
      log.debug({ trace_id: span.traceId, method, path, status, ms }, 'request');
    }
  };
