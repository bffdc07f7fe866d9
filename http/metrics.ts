// What HTTP servers measure of themselves, under OpenTelemetry's stable names in Prometheus'
// spelling, and the route that Prometheus reads it from.
// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/

import { Gauge, Histogram, type Registry } from 'prom-client';
import type { HttpMiddleware } from './context.ts';

/** As the semantic conventions advise, with finer ones for answers from a live sandbox. */
const seconds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** Methods that get a label of their own: a client may send any word for one. */
const methods = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS']);

/** Times every request. `routes` are the paths that get a label; others have none. */
export const measure = (registry: Registry, routes: readonly string[]): HttpMiddleware => {
  const registers = [registry];
  const labelNames = [
    'http_request_method',
    'http_route',
    'http_response_status_code',
    'url_scheme',
  ] as const;
  const duration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Duration of HTTP server requests.',
    labelNames,
    buckets: seconds,
    registers,
  });
  let active = 0;
  new Gauge({
    name: 'http_server_active_requests',
    help: 'HTTP server requests under way.',
    registers,
    collect() {
      this.set(active);
    },
  });
  return async (ctx, next) => {
    const since = performance.now();
    // A request whose body was refused has no connection to ask afterwards.
    const scheme = ctx.protocol;
    active += 1;
    try {
      await next();
    } finally {
      active -= 1;
      const route = routes.find((each) => ctx.path === each || ctx.path.startsWith(`${each}/`));
      const labels = {
        http_request_method: methods.has(ctx.method) ? ctx.method : '_OTHER',
        http_route: route ?? '',
        http_response_status_code: String(ctx.status),
        url_scheme: scheme,
      };
      duration.observe(labels, (performance.now() - since) / 1000);
    }
  };
};

/** GET /metrics. */
export const metrics =
  (registry: Registry): HttpMiddleware =>
  async (ctx) => {
    const text = await registry.metrics();
    ctx.set('content-type', registry.contentType);
    ctx.body = text;
  };
