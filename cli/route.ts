// paddock route: sends each sandbox_id to the runtime that holds it, until a signal ends it.

import { hostname } from 'node:os';
import { httpLimits } from '../contract/limits.ts';
import {
  connect,
  refuseOpenDoor,
  startRouter,
  type FixedSource,
  type PoolSource,
} from '../router/server.ts';
import { createLog } from '../telemetry/log.ts';
import { startTracing, wantsTracing } from '../telemetry/tracing.ts';
import type { ProcessFlags } from './options.ts';

export interface RouteOptions extends ProcessFlags {
  readonly member?: readonly string[];
  readonly pool?: string;
  readonly namespace?: string;
  readonly tlsDir?: string;
  readonly kubeconfig?: string;
}

const memberOf = (text: string): string => {
  const url = URL.parse(text);
  if (url?.protocol === 'http:' && url.pathname === '/') return url.origin;
  throw new Error(`--member: expected a URL such as http://127.0.0.1:3000, got ${text}`);
};

const fixedSource = ({ host, member = [], anonymous = false }: RouteOptions): FixedSource => {
  refuseOpenDoor(host, anonymous);
  return { members: member.map(memberOf), hostNames: ['localhost', hostname()] };
};

const poolSource = (options: RouteOptions): PoolSource => {
  const { pool, namespace, tlsDir, kubeconfig, anonymous = false } = options;
  if (pool === undefined || namespace === undefined || tlsDir === undefined) {
    throw new Error('expected --member URL, or --pool, --namespace and --tls-dir together');
  }
  return { client: connect(kubeconfig), pool, namespace, anonymous, tlsFolder: tlsDir };
};

/** Resolves once a signal has come and everything under way is answered. */
export const route = async (options: RouteOptions): Promise<void> => {
  const log = createLog(options.logLevel);
  if (options.keyFile !== undefined) {
    // Runtimes that are not behind mutual TLS would not learn who is calling.
    throw new Error('--key-file: expected none; a pool’s callers are known to its cluster');
  }
  const source = options.member ? fixedSource(options) : poolSource(options);
  const endTracing = wantsTracing(process.env) ? await startTracing('paddock-router') : undefined;
  const { host, port, probePort } = options;
  const router = await startRouter({ source, log, host, port, probePort });
  log.info({ url: router.url }, `Paddock routes POST ${router.url}/execute`);
  const ended = Promise.withResolvers<undefined>();
  const end = (delayMs: number) => () => {
    log.info({ delay_ms: delayMs }, 'draining');
    void router.drain(delayMs).then(() => {
      ended.resolve(undefined);
    });
  };
  process.on('SIGTERM', end(httpLimits.drainDelayMs));
  process.on('SIGINT', end(0));
  await ended.promise;
  if ('client' in source) await source.client.close();
  await endTracing?.();
};
