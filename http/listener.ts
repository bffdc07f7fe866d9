// A listening HTTP server with every bound that a hostile client needs, over TLS when given
// certificates.

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { httpLimits } from '../contract/limits.ts';
import { followConnections } from './connections.ts';
import { refuseHead } from './head.ts';
import type { TlsFiles } from './tls-folder.ts';

export interface Listener {
  /** As `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Stops listening; resolves when what was under way is answered. */
  readonly close: () => Promise<void>;
  /** Takes new certificates for connections to come. */
  readonly renew: (files: TlsFiles) => void;
}

export interface ListenerOptions {
  readonly handle: RequestListener;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Clients must show a certificate that one of these authorities has signed. */
  readonly tls?: TlsFiles | undefined;
  /** How long clients are told that an idle connection is kept. */
  readonly keepAliveMs?: number;
}

const boundsOf = (keepAliveMs: number): ServerOptions => ({
  maxHeaderSize: httpLimits.headerBytesMax,
  headersTimeout: httpLimits.headersMsMax,
  requestTimeout: httpLimits.requestMsMax,
  keepAliveTimeout: keepAliveMs,
  keepAliveTimeoutBuffer: httpLimits.idleMs - keepAliveMs,
  connectionsCheckingInterval: httpLimits.checkMs,
  // Told in words of ours.
  requireHostHeader: false,
});

const mutual = (files: TlsFiles) =>
  ({ ...files, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' }) as const;

const bind = (server: Server, scheme: string, host: string, port: number): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  server.once('error', reject);
  server.listen(port, host, () => {
    const { address, port: taken, family } = server.address() as AddressInfo;
    resolve(`${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${taken}`);
  });
  return promise;
};

/** Rejects when the address cannot be had. */
export const startListener = async (options: ListenerOptions): Promise<Listener> => {
  const { handle, host, port, tls } = options;
  const bounds = boundsOf(options.keepAliveMs ?? httpLimits.keepAliveMs);
  const secure = tls ? createTlsServer({ ...bounds, ...mutual(tls) }) : undefined;
  const server = secure ?? createServer(bounds);
  server.maxConnections = httpLimits.connectionsMax;
  const connections = followConnections(server, secure ? 'secureConnection' : 'connection');
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    if (!connections.begin(request, response)) return;
    if (!refuseHead(request, response)) handle(request, response);
  };
  server.on('request', take);
  server.on('checkExpectation', take);
  const url = await bind(server, secure ? 'https' : 'http', host, port);
  return {
    url,
    close: () => connections.close(),
    renew(files) {
      secure?.setSecureContext(mutual(files));
    },
  };
};
