// The Koa application. The path of a request is the list below, top to bottom.

import Router from '@koa/router';
import Koa from 'koa';
import { openapi } from '../../contract/openapi.ts';
import { Refusal } from '../../contract/failure.ts';
import { poolLimits } from '../../contract/limits.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Engine } from '../index.ts';
import { admit } from './admit.ts';
import { authenticate, type Keys } from './authenticate.ts';
import type { Middleware, RequestState } from './context.ts';
import { errors } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { health, readiness } from './health.ts';
import { checkHost } from './host-header.ts';
import { respond } from './respond.ts';
import { trace } from './trace.ts';
import { validate } from './validate.ts';

export interface AppOptions {
  readonly engine: Engine;
  readonly log: Log;
  readonly version: string;
  /** Undefined: callers are anonymous. */
  readonly keys: Keys | undefined;
  /**
   * Names that a Host header may have beside addresses; undefined: any (keys keep strangers out).
   */
  readonly hostNames: readonly string[] | undefined;
  /** The server has been told to end. */
  readonly draining: () => boolean;
  /** It takes no new work any more. */
  readonly closed: () => boolean;
}

const refuseWhenClosed =
  (closed: () => boolean): Middleware =>
  async (_ctx, next) => {
    if (closed()) throw new Refusal('UNAVAILABLE', 'draining', { connection: 'close' });
    await next();
  };

const methods: Readonly<Record<string, string>> = {
  '/execute': 'POST',
  '/healthz': 'GET, HEAD',
  '/readyz': 'GET, HEAD',
  '/openapi.json': 'GET, HEAD',
};

/** Reached only when no route took the request. */
const refuseUnknown = (): Middleware => (ctx) => {
  const allowed = Object.hasOwn(methods, ctx.path) ? methods[ctx.path] : undefined;
  if (allowed === undefined) {
    throw new Refusal('NOT_FOUND', `path: expected one of ${Object.keys(methods).join(', ')}`);
  }
  throw new Refusal('METHOD_NOT_ALLOWED', `method: expected ${allowed}, got ${ctx.method}`, {
    allow: allowed,
  });
};

/** Builds the application; the caller makes it listen. */
export const createApp = (options: AppOptions): Koa<RequestState> => {
  const { engine, log, keys, hostNames, version } = options;
  const document = JSON.stringify(openapi(version));
  const router = new Router<RequestState>({ sensitive: true, strict: true });
  router.get('/healthz', health());
  router.get('/readyz', readiness(options.draining));
  router.get('/openapi.json', (ctx) => {
    ctx.type = 'json';
    ctx.body = document;
  });
  router.post(
    '/execute',
    refuseWhenClosed(options.closed),
    authenticate(keys),
    admit(poolLimits.bodiesBytesMax),
    validate(engine.limits),
    evaluate(engine),
    respond(),
  );
  const app = new Koa<RequestState>();
  app.use(trace(log));
  app.use(errors(log));
  if (hostNames) app.use(checkHost(hostNames));
  app.use(router.routes());
  app.use(refuseUnknown());
  app.on('error', (error: unknown) => {
    log.debug({ err: error }, 'connection failed');
  });
  return app;
};
