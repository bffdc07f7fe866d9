// Connections to the members: pooled, over mutual TLS, made anew when the certificates change.
// Tells whether a request that failed can have reached its member.

import { Agent, buildConnector } from 'undici';
import { routerLimits as limits } from '../../contract/limits.ts';
import type { TlsFiles } from '../../http/tls-folder.ts';
import type { Exchange } from './exchange.ts';

/** No connection came about: nothing of the request was sent. */
export class NotReached extends Error {
  constructor(cause: unknown) {
    super('the member cannot be reached', { cause });
    this.name = 'NotReached';
  }
}

/** Client certificate, and the name that every member's own certificate has. */
export interface UpstreamTls {
  readonly files: TlsFiles;
  readonly servername: string;
}

export interface UpstreamRequest {
  readonly origin: string;
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Buffer | undefined;
}

export interface Upstream {
  /**
   * The exchange ends with an answer, with NotReached, or with what cut off a request that may have
   * been sent.
   */
  readonly send: (call: UpstreamRequest, exchange: Exchange) => void;
  /** New connections use these; those in use end by themselves. */
  readonly renew: (tls: UpstreamTls) => void;
  readonly close: () => Promise<void>;
}

const agentOf = (tls: UpstreamTls | undefined): Agent => {
  const connector = buildConnector({
    timeout: limits.connectMs,
    ...(tls ? { ...tls.files, servername: tls.servername, minVersion: 'TLSv1.3' as const } : {}),
  });
  return new Agent({
    connections: limits.connectionsPerMember,
    keepAliveTimeout: limits.keepAliveMs,
    keepAliveMaxTimeout: limits.keepAliveMs,
    headersTimeout: limits.deadlineMs,
    bodyTimeout: limits.deadlineMs,
    // A request takes a connection of its own: behind another it would wait for that evaluation.
    pipelining: 1,
    connect: (options, callback) => {
      connector(options, (error, socket) => {
        if (error) callback(new NotReached(error), null);
        else callback(null, socket);
      });
    },
  });
};

export const createUpstream = (tls?: UpstreamTls): Upstream => {
  let agent = agentOf(tls);
  return {
    send({ origin, path, method, headers, body }, exchange) {
      agent.dispatch({ origin, path, method, headers, body: body ?? null }, exchange);
    },
    renew(next) {
      const old = agent;
      agent = agentOf(next);
      void old.close();
    },
    close: () => agent.close(),
  };
};
