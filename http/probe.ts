// The listener for whoever looks after a process: the kubelet's probes and Prometheus. It serves
// nothing that evaluates, so it needs no certificates.

import Router from '@koa/router';
import Koa from 'koa';
import type { Registry } from 'prom-client';
import { Refusal } from '../contract/failure.ts';
import type { Log } from '../telemetry/log.ts';
import type { HttpState } from './context.ts';
import { errors } from './errors.ts';
import { health, readiness } from './health.ts';
import { startListener, type Listener } from './listener.ts';
import { metrics } from './metrics.ts';

export interface ProbeOptions {
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  readonly registry: Registry;
  /** Why no work should be sent here, or undefined. */
  readonly unready: () => string | undefined;
}

export const startProbes = (options: ProbeOptions): Promise<Listener> => {
  const { host, port, log, registry, unready } = options;
  const router = new Router<HttpState>({ sensitive: true, strict: true });
  router.get('/healthz', health());
  router.get('/readyz', readiness(unready));
  router.get('/metrics', metrics(registry));
  const app = new Koa<HttpState>();
  app.use(errors(log));
  app.use(router.routes());
  app.use(() => {
    throw new Refusal('NOT_FOUND', 'path: expected one of /healthz, /readyz, /metrics');
  });
  const handle = app.callback();
  return startListener({
    handle: (request, response) => void handle(request, response),
    host,
    port,
  });
};
