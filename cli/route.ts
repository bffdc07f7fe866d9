// paddock route: sends each sandbox_id to the runtime that holds it, until a signal ends it.

import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { httpLimits } from '../contract/limits.ts';
import {
  connect,
  parseKeys,
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

const fixedSource = async (options: RouteOptions): Promise<FixedSource> => {
  const { host, keyFile, member = [] } = options;
  const keys = keyFile === undefined ? undefined : parseKeys(await readFile(keyFile, 'utf8'));
  refuseOpenDoor(host, keys !== undefined || options.anonymous === true);
  return { members: member.map(memberOf), keys, hostNames: ['localhost', hostname()] };
};

const poolSource = (options: RouteOptions): PoolSource => {
  const { pool, namespace, tlsDir, kubeconfig, anonymous = false, keyFile } = options;
  if (pool === undefined || namespace === undefined || tlsDir === undefined) {
    throw new Error('expected --member URL, or --pool, --namespace and --tls-dir together');
  }
  if (keyFile !== undefined) {
    throw new Error('--key-file: expected with --member only; the cluster knows a pool’s callers');
  }
  return { client: connect(kubeconfig), pool, namespace, anonymous, tlsFolder: tlsDir };
};

/** Resolves once a signal has come and everything under way is answered. */
export const route = async (options: RouteOptions): Promise<void> => {
  const log = createLog(options.logLevel);
  const source = options.member ? await fixedSource(options) : poolSource(options);
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
