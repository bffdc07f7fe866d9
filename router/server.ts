// A running router: members, callers and connections behind HTTP.

import type { Registry } from 'prom-client';
import { routerLimits } from '../contract/limits.ts';
import { runtimeServerName } from '../contract/pool/names.ts';
import type { HttpMiddleware } from '../http/context.ts';
import { authenticate as authenticateByKey } from '../http/keys.ts';
import { createLife } from '../http/life.ts';
import { startListener } from '../http/listener.ts';
import { startProbes } from '../http/probe.ts';
import { watchTlsFolder, type TlsFolder } from '../http/tls-folder.ts';
import type { Client } from '../kubernetes/client.ts';
import { watcherOf } from '../kubernetes/metrics.ts';
import type { Log } from '../telemetry/log.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { createApp } from './app.ts';
import { authenticate } from './callers/authenticate.ts';
import { createCallerCache } from './callers/cache.ts';
import { reviewer } from './callers/reviews.ts';
import { createUpstream, type Upstream } from './forward/upstream.ts';
import { fixedMembers, watchMembers, type Members } from './members/watch.ts';

export { refuseOpenDoor } from '../http/open-door.ts';
export { connect } from '../kubernetes/config.ts';

/** A pool in a cluster: who its members and callers are, the API server says. */
export interface PoolSource {
  readonly client: Client;
  readonly pool: string;
  readonly namespace: string;
  /** Callers without a token are served too. */
  readonly anonymous: boolean;
  /** The router's certificate and the authorities of its members. */
  readonly tlsFolder: string;
}

/** Members that a person names, without Kubernetes. */
export interface FixedSource {
  readonly members: readonly string[];
  /** Names that a Host header may have beside addresses. Callers are anonymous. */
  readonly hostNames: readonly string[];
}

export interface RouterOptions {
  readonly source: PoolSource | FixedSource;
  readonly log: Log;
  readonly host: string;
  readonly port: number;
  readonly probePort?: number | undefined;
}

export interface RunningRouter {
  readonly url: string;
  readonly probeUrl: string | undefined;
  readonly drain: (delayMs: number) => Promise<void>;
}

interface Parts {
  readonly members: Members;
  readonly upstream: Upstream;
  readonly authenticate: HttpMiddleware;
  readonly hostNames: readonly string[] | undefined;
  readonly stop: () => void;
}

const fixedParts = (source: FixedSource, registry: Registry): Parts => ({
  members: fixedMembers(source.members, registry),
  upstream: createUpstream(),
  authenticate: authenticateByKey(undefined),
  hostNames: source.hostNames,
  stop: () => undefined,
});

const poolParts = async (source: PoolSource, registry: Registry, log: Log): Promise<Parts> => {
  const { client, pool, namespace, anonymous } = source;
  const servername = runtimeServerName(pool, namespace);
  const tls: TlsFolder = await watchTlsFolder(
    source.tlsFolder,
    (files) => {
      upstream.renew({ files, servername });
      log.info('took up new certificates');
    },
    (error) => {
      log.error({ err: error }, 'certificates cannot be read: the old ones stay');
    },
  );
  const upstream = createUpstream({ files: tls.current(), servername });
  const members = watchMembers({
    ...{ client, pool, namespace, registry },
    watcher: watcherOf(registry, (kind, error) => {
      log.warn({ kind, err: error }, 'a watch ended before its time');
    }),
    onFault: (error) => {
      log.error({ err: error }, 'members cannot be read');
    },
  });
  const callers = createCallerCache(reviewer(client, pool, namespace));
  return {
    members,
    upstream,
    authenticate: authenticate({ callers, pool, namespace, anonymous }),
    hostNames: undefined,
    stop() {
      members.stop();
      callers.stop();
      tls.stop();
    },
  };
};

/** Resolves when it listens. /readyz answers once the members are known. */
export const startRouter = async (options: RouterOptions): Promise<RunningRouter> => {
  const { source, log, host, port, probePort } = options;
  const registry = createRegistry();
  const life = createLife();
  const parts =
    'client' in source ? await poolParts(source, registry, log) : fixedParts(source, registry);
  const known = { members: false };
  void parts.members.synced.then(() => {
    known.members = true;
  });
  const listener = await startListener({
    handle: createApp({ ...parts, log, registry, life }),
    host,
    port,
    keepAliveMs: routerLimits.callerKeepAliveMs,
  });
  const unready = (): string | undefined => {
    if (life.draining()) return 'draining';
    return known.members ? undefined : 'the members are not known yet';
  };
  const probes =
    probePort === undefined
      ? undefined
      : await startProbes({ host, port: probePort, log, registry, unready });
  return {
    url: listener.url,
    probeUrl: probes?.url,
    drain: (delayMs) =>
      life.drain(delayMs, async () => {
        await listener.close();
        parts.stop();
        await parts.upstream.close();
        await probes?.close();
      }),
  };
};
