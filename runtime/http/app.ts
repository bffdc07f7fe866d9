// The Koa application. The path of a request is the list below, top to bottom.

import Router from '@koa/router';
import Koa from 'koa';
import { openapi } from '../../contract/openapi.ts';
import { Refusal } from '../../contract/failure.ts';
import { refusalHeader } from '../../contract/internal-headers.ts';
import { poolLimits } from '../../contract/limits.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Engine } from '../index.ts';
import type { Registry } from 'prom-client';
import { admit } from '../../http/admit.ts';
import { errors } from '../../http/errors.ts';
import { health, readiness } from '../../http/health.ts';
import { checkHost } from '../../http/host-header.ts';
import { authenticate, type Keys } from '../../http/keys.ts';
import { letGo } from '../../http/let-go.ts';
import type { Life } from '../../http/life.ts';
import { measure, metrics } from '../../http/metrics.ts';
import { trace } from '../../http/trace.ts';
import type { Middleware, RequestState } from './context.ts';
import { countEvaluations } from './count.ts';
import { evaluate } from './evaluate.ts';
import { forget } from './forget.ts';
import { trustRouter } from './peer.ts';
import { respond } from './respond.ts';
import { validate } from './validate.ts';

export interface AppOptions {
  readonly engine: Engine;
  readonly log: Log;
  readonly version: string;
  readonly registry: Registry;
  /** Undefined: callers are anonymous. */
  readonly keys: Keys | undefined;
  /** URI in the certificate of the router, the only one that may call. */
  readonly router: string | undefined;
  /**
   * Names that a Host header may have beside addresses; undefined: any (keys keep strangers out).
   */
  readonly hostNames: readonly string[] | undefined;
  readonly life: Pick<Life, 'draining' | 'closed'>;
}

const refuseWhenClosed =
  (closed: () => boolean): Middleware =>
  async (_ctx, next) => {
    if (closed()) {
      const headers = { connection: 'close', [refusalHeader]: 'draining' };
      throw new Refusal('UNAVAILABLE', 'draining', headers);
    }
    await next();
  };

const methods: Readonly<Record<string, string>> = {
  '/execute': 'POST',
  '/sandboxes/:id': 'DELETE',
  '/healthz': 'GET, HEAD',
  '/readyz': 'GET, HEAD',
  '/metrics': 'GET, HEAD',
  '/openapi.json': 'GET, HEAD',
};

/** Reached only when no route took the request. */
const refuseUnknown = (): Middleware => (ctx) => {
  const path = ctx.path.replace(/^\/sandboxes\/[^/]+$/, '/sandboxes/:id');
  const allowed = Object.hasOwn(methods, path) ? methods[path] : undefined;
  if (allowed === undefined) {
    throw new Refusal('NOT_FOUND', `path: expected one of ${Object.keys(methods).join(', ')}`);
  }
  throw new Refusal('METHOD_NOT_ALLOWED', `method: expected ${allowed}, got ${ctx.method}`, {
    allow: allowed,
  });
};

/** Builds the application; the caller makes it listen. */
export const createApp = (options: AppOptions): Koa<RequestState> => {
  const { engine, log, registry, keys, hostNames, version, life } = options;
  const document = JSON.stringify(openapi(version));
  const count = countEvaluations(registry, engine);
  const router = new Router<RequestState>({ sensitive: true, strict: true });
  router.get('/healthz', health());
  router.get(
    '/readyz',
    readiness(() => (life.draining() ? 'draining' : undefined)),
  );
  // Counts are not for strangers: who calls with keys reads them with a key.
  router.get('/metrics', authenticate(keys), metrics(registry));
  router.get('/openapi.json', (ctx) => {
    ctx.type = 'json';
    ctx.body = document;
  });
  const identify = options.router === undefined ? authenticate(keys) : trustRouter(options.router);
  router.delete(/^\/sandboxes\/[^/]+$/, refuseWhenClosed(life.closed), identify, forget(engine));
  router.post(
    '/execute',
    refuseWhenClosed(life.closed),
    identify,
    admit(poolLimits.bodiesBytesMax),
    validate(engine.limits),
    evaluate(engine),
    count,
    respond(),
  );
  const app = new Koa<RequestState>();
  app.use(letGo(life.draining));
  app.use(trace(log));
  app.use(measure(registry, [...Object.keys(methods), '/sandboxes']));
  app.use(errors(log));
  if (hostNames) app.use(checkHost(hostNames));
  app.use(router.routes());
  app.use(refuseUnknown());
  app.on('error', (error: unknown) => {
    log.debug({ err: error }, 'connection failed');
  });
  return app;
};
