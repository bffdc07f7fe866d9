// The application of a router. The path of a request is the list below, top to bottom.

import type { RequestListener } from 'node:http';
import type { Registry } from 'prom-client';
import { Refusal } from '../contract/failure.ts';
import { poolLimits } from '../contract/limits.ts';
import { admit } from '../http/admit.ts';
import type { HttpMiddleware } from '../http/context.ts';
import { errors } from '../http/errors.ts';
import { checkHost } from '../http/host-header.ts';
import { letGo } from '../http/let-go.ts';
import { lightApp } from '../http/light-app.ts';
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
  (_ctx, next) => {
    if (closed()) throw new Refusal('UNAVAILABLE', 'draining', { connection: 'close' });
    return next();
  };

const findTarget = (): RouterMiddleware => (ctx, next) => {
  ctx.state.target = targetOf(ctx.method, ctx.path);
  return next();
};

/** Only an evaluation has a body. */
const admitBody = (bytesMax: number): RouterMiddleware => {
  const read = admit(bytesMax);
  return (ctx, next) => (ctx.state.target.kind === 'execute' ? read(ctx, next) : next());
};

export const createApp = (options: AppOptions): RequestListener => {
  const { log, registry, life, authenticate, hostNames } = options;
  return lightApp<RouterState>(
    [
      letGo(life.draining),
      trace(log),
      measure(registry, ['/execute', '/sandboxes']),
      errors(log),
      ...(hostNames ? [checkHost(hostNames)] : []),
      findTarget(),
      refuseWhenClosed(life.closed),
      authenticate,
      admitBody(poolLimits.bodiesBytesMax),
      forward(options),
    ],
    (error) => {
      log.debug({ err: error }, 'connection failed');
    },
  );
};
