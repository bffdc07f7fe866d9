// The Koa application of a router. The path of a request is the list below, top to bottom.

import Router from '@koa/router';
import Koa from 'koa';
import type { Registry } from 'prom-client';
import { Refusal } from '../contract/failure.ts';
import { poolLimits } from '../contract/limits.ts';
import { admit } from '../http/admit.ts';
import type { HttpMiddleware, HttpState } from '../http/context.ts';
import { errors } from '../http/errors.ts';
import { checkHost } from '../http/host-header.ts';
import { letGo } from '../http/let-go.ts';
import type { Life } from '../http/life.ts';
import { measure } from '../http/metrics.ts';
import { trace } from '../http/trace.ts';
import type { Log } from '../telemetry/log.ts';
import { forward, type ForwardOptions } from './forward/forward.ts';

export interface AppOptions extends ForwardOptions {
  readonly log: Log;
  readonly registry: Registry;
  readonly life: Pick<Life, 'draining' | 'closed'>;
  /** Finds out who is calling. */
  readonly authenticate: HttpMiddleware;
  /** Names that a Host header may have beside addresses; undefined: any. */
  readonly hostNames: readonly string[] | undefined;
}

const refuseWhenClosed =
  (closed: () => boolean): HttpMiddleware =>
  async (_ctx, next) => {
    if (closed()) throw new Refusal('UNAVAILABLE', 'draining', { connection: 'close' });
    await next();
  };

const refuseUnknown = (): HttpMiddleware => (ctx) => {
  if (ctx.path !== '/execute') throw new Refusal('NOT_FOUND', 'path: expected /execute');
  throw new Refusal('METHOD_NOT_ALLOWED', `method: expected POST, got ${ctx.method}`, {
    allow: 'POST',
  });
};

export const createApp = (options: AppOptions): Koa<HttpState> => {
  const { log, registry, life, authenticate, hostNames } = options;
  const router = new Router<HttpState>({ sensitive: true, strict: true });
  router.post(
    '/execute',
    refuseWhenClosed(life.closed),
    authenticate,
    admit(poolLimits.bodiesBytesMax),
    forward(options),
  );
  const app = new Koa<HttpState>();
  app.use(letGo(life.draining));
  app.use(trace(log));
  app.use(measure(registry, ['/execute']));
  app.use(errors(log));
  if (hostNames) app.use(checkHost(hostNames));
  app.use(router.routes());
  app.use(refuseUnknown());
  app.on('error', (error: unknown) => {
    log.debug({ err: error }, 'connection failed');
  });
  return app;
};
