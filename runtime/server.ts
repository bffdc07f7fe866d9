// The server: an engine behind HTTP. Closed by default: it binds the loopback address, and wants
// keys or an explicit word before it binds another.

import { hostname } from 'node:os';
import type { Keys } from '../http/keys.ts';
import { createLife } from '../http/life.ts';
import { startListener } from '../http/listener.ts';
import { isLoopback, refuseOpenDoor } from '../http/open-door.ts';
import { startProbes } from '../http/probe.ts';
import { watchTlsFolder } from '../http/tls-folder.ts';
import type { Log } from '../telemetry/log.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { createApp } from './http/app.ts';
import type { Engine } from './index.ts';

export { parseKeys, type Keys } from '../http/keys.ts';

/** What makes a server the runtime of a pool: only the pool's router may call it. */
export interface BehindRouter {
  /** Folder with tls.crt, tls.key and ca.crt, read anew when they change. */
  readonly tlsFolder: string;
  /** URI in the router's certificate. */
  readonly identity: string;
}

export interface ServerOptions {
  readonly engine: Engine;
  readonly log: Log;
  readonly version: string;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly keys?: Keys | undefined;
  /** Callers without a key are welcome at an address that is not loopback. */
  readonly anonymous?: boolean;
  readonly router?: BehindRouter | undefined;
  /** A second port with nothing but /healthz, /readyz and /metrics. */
  readonly probePort?: number | undefined;
}

export interface RunningServer {
  /** As `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly probeUrl: string | undefined;
  /**
   * Fails /readyz, goes on serving for `delayMs`, then refuses new work, answers what is under way,
   * and resolves. A second call cuts the delay short.
   */
  readonly drain: (delayMs: number) => Promise<void>;
}

/** The names that a Host header may have; undefined: any, since strangers lack the key. */
const hostNamesOf = (options: ServerOptions): readonly string[] | undefined => {
  const { host, keys, router } = options;
  if (keys || router) return undefined;
  const others = isLoopback(host) ? [] : [host.toLowerCase(), hostname().toLowerCase()];
  return ['localhost', ...others];
};

/** Binds and serves. Rejects when the address is taken, or open to others without keys. */
export const startServer = async (options: ServerOptions): Promise<RunningServer> => {
  const { host, port, log, probePort, router, keys, anonymous } = options;
  refuseOpenDoor(host, keys !== undefined || router !== undefined || anonymous === true);
  const life = createLife();
  const registry = createRegistry();
  const app = createApp({
    ...options,
    registry,
    life,
    keys: options.keys,
    router: router?.identity,
    hostNames: hostNamesOf(options),
  });
  const handle = app.callback();
  const tls = router
    ? await watchTlsFolder(
        router.tlsFolder,
        (files) => {
          listener.renew(files);
          log.info('took up new certificates');
        },
        (error) => {
          log.error({ err: error }, 'certificates cannot be read: the old ones stay');
        },
      )
    : undefined;
  const listener = await startListener({
    handle: (request, response) => void handle(request, response),
    host,
    port,
    tls: tls?.current(),
  });
  const unready = (): string | undefined => (life.draining() ? 'draining' : undefined);
  const probes =
    probePort === undefined
      ? undefined
      : await startProbes({ host, port: probePort, log, registry, unready });
  return {
    url: listener.url,
    probeUrl: probes?.url,
    drain: (delayMs) =>
      life.drain(delayMs, async () => {
        tls?.stop();
        await listener.close();
        await probes?.close();
      }),
  };
};
