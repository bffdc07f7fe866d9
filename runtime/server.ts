// The server: an engine behind HTTP. Closed by default: it binds the loopback address, and wants
// keys or an explicit word before it binds another.

import { createServer, type Server } from 'node:http';
import { hostname } from 'node:os';
import { isIP, type AddressInfo } from 'node:net';
import { httpLimits } from '../contract/limits.ts';
import { createApp } from './http/app.ts';
import { followConnections } from './http/connections.ts';
import type { Keys } from './http/authenticate.ts';
import type { Log } from '../telemetry/log.ts';
import type { Engine } from './index.ts';

export { parseKeys } from './http/authenticate.ts';

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
}

export interface RunningServer {
  /** As `http://127.0.0.1:3000`. */
  readonly url: string;
  /**
   * Fails /readyz, goes on serving for `delayMs`, then refuses new work, answers what is under way,
   * and resolves. A second call cuts the delay short.
   */
  readonly drain: (delayMs: number) => Promise<void>;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** The names that a Host header may have; undefined: any, since strangers lack the key. */
const hostNamesOf = ({ host, keys }: ServerOptions): readonly string[] | undefined => {
  if (keys) return undefined;
  const others = isLoopback(host) ? [] : [host.toLowerCase(), hostname().toLowerCase()];
  return ['localhost', ...others];
};

const refuseOpenDoor = ({ host, keys, anonymous }: ServerOptions): void => {
  if (isLoopback(host) || keys || anonymous === true) return;
  throw new Error(
    `host ${host} can be reached from other machines: give --key-file FILE, so that only callers ` +
      'with a key are served, or --anonymous, so that everybody is',
  );
};

const listen = (server: Server, host: string, port: number): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  server.once('error', reject);
  server.listen(port, host, () => {
    const { address, port: taken, family } = server.address() as AddressInfo;
    resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`);
  });
  return promise;
};

/** Binds and serves. Rejects when the address is taken, or open to others without keys. */
export const startServer = async (options: ServerOptions): Promise<RunningServer> => {
  refuseOpenDoor(options);
  const life = { draining: false, closed: false };
  const cut = Promise.withResolvers<undefined>();
  const app = createApp({
    ...options,
    keys: options.keys,
    hostNames: hostNamesOf(options),
    draining: () => life.draining,
    closed: () => life.closed,
  });
  const handle = app.callback();
  const server = createServer(
    {
      maxHeaderSize: httpLimits.headerBytesMax,
      headersTimeout: httpLimits.headersMsMax,
      requestTimeout: httpLimits.requestMsMax,
      keepAliveTimeout: httpLimits.keepAliveMs,
      connectionsCheckingInterval: httpLimits.checkMs,
    },
    (request, response) => void handle(request, response),
  );
  server.maxConnections = httpLimits.connectionsMax;
  const connections = followConnections(server);
  const url = await listen(server, options.host, options.port);
  return {
    url,
    async drain(delayMs) {
      if (life.draining) cut.resolve(undefined);
      life.draining = true;
      const timer = setTimeout(cut.resolve, delayMs);
      await cut.promise;
      clearTimeout(timer);
      life.closed = true;
      await connections.close();
    },
  };
};
