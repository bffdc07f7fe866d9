// The Koa application of a router. The path of a request is the list below, top to bottom.

import Koa from 'koa';
import type { Registry } from 'prom-client';
import { Refusal } from '../contract/failure.ts';
import { poolLimits } from '../contract/limits.ts';
import { admit } from '../http/admit.ts';
import type { HttpMiddleware } from '../http/context.ts';
import { errors } from '../http/errors.ts';
import { checkHost } from '../http/host-header.ts';
import { letGo } from '../http/let-go.ts';
import type { Life } from '../http/life.ts';
import { measure } from '../http/metrics.ts';
import { trace } from '../http/trace.ts';
import type { Log } from '../telemetry/log.ts';
import type { RouterMiddleware, RouterState } from './context.ts';
import { forward, type ForwardOptions } from './forward/forward.ts';
import { targetOf } from './forward/target.ts';

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

const findTarget = (): RouterMiddleware => (ctx, next) => {
  ctx.state.target = targetOf(ctx.method, ctx.path);
  return next();
};

/** Only an evaluation has a body. */
const admitBody = (bytesMax: number): RouterMiddleware => {
  const read = admit(bytesMax);
  return async (ctx, next) => {
    if (ctx.state.target.kind === 'execute') await read(ctx, next);
    else await next();
  };
};

export const createApp = (options: AppOptions): Koa<RouterState> => {
  const { log, registry, life, authenticate, hostNames } = options;
  const app = new Koa<RouterState>();
  app.use(letGo(life.draining));
  app.use(trace(log));
  app.use(measure(registry, ['/execute', '/sandboxes']));
  app.use(errors(log));
  if (hostNames) app.use(checkHost(hostNames));
  app.use(findTarget());
  app.use(refuseWhenClosed(life.closed));
  app.use(authenticate);
  app.use(admitBody(poolLimits.bodiesBytesMax));
  app.use(forward(options));
  app.on('error', (error: unknown) => {
    log.debug({ err: error }, 'connection failed');
  });
  return app;
};
