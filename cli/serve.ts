// paddock serve: the HTTP server, until a signal ends it.

import { flushCompileCache } from 'node:module';
import { release } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { httpLimits } from '../contract/limits.ts';
import {
  createEngine,
  type Engine,
  type EvaluationLimits,
  type SandboxLimits,
  type StateOptions,
} from '../runtime/index.ts';
import { parseKeys, startServer, type BehindRouter, type Keys } from '../runtime/server.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { startTracing, wantsTracing } from '../telemetry/tracing.ts';
import { refuseOutsideGvisor } from './gvisor.ts';
import type { EngineFlags, ProcessFlags } from './options.ts';
import { readFile } from './read.ts';

export interface ServeOptions extends EngineFlags, ProcessFlags {
  readonly tlsDir?: string;
  readonly routerIdentity?: string;
  readonly requireGvisor?: boolean;
}

/**
 * V8 sweeps its heaps and copies young objects with helper threads. To wake them is a pause of 0.4
 * ms, and of 5 to 100 where threads outnumber free cores, as they do in a busy server; a heap here
 * is swept in 2 ms without. A heap that is so cheap to mark it collects whole each time that it has
 * grown by a tenth, once a second under load, with helper threads on every core: here it waits
 * until the heap, some 20 MiB, has doubled. Not in the library: there the process is its
 * embedder's.
 */
const keepPausesShort = (): void => {
  for (const what of ['concurrent-sweeping', 'concurrent-array-buffer-sweeping']) {
    setFlagsFromString(`--no-${what}`);
  }
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--heap-growing-percent=100');
};

/** The fields that are set. */
const given = <A extends object>(all: { readonly [K in keyof A]: A[K] | undefined }): Partial<A> =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<A>;

const stateOf = (folder: string, bytesMax: number | undefined): StateOptions =>
  bytesMax === undefined ? { folder } : { folder, bytesMax };

const engineOf = (flags: EngineFlags, log: Log): Promise<Engine> =>
  createEngine({
    limits: given<EvaluationLimits>({
      fuelMax: flags.fuel,
      memoryBytesMax: flags.memory,
      timeMsMax: flags.time,
      sourceBytesMax: flags.source,
      outputBytesMax: flags.output,
      resultBytesMax: undefined,
    }),
    sandboxes: given<SandboxLimits>({
      sandboxesMax: flags.sandboxes,
      sandboxesBytesMax: flags.sandboxesBytes,
      sandboxIdleMs: flags.sandboxIdle,
    }),
    ...(flags.workers === undefined ? {} : { workers: flags.workers }),
    ...(flags.state === undefined ? {} : { state: stateOf(flags.state, flags.stateBytes) }),
    log: ({ event, id, cause }) => {
      log.error({ event, id, cause }, 'engine');
    },
  });

const routerOf = ({ tlsDir, routerIdentity }: ServeOptions): BehindRouter | undefined => {
  if (tlsDir === undefined && routerIdentity === undefined) return undefined;
  if (tlsDir !== undefined && routerIdentity !== undefined) {
    return { tlsFolder: tlsDir, identity: routerIdentity };
  }
  throw new Error('--tls-dir and --router-identity: expected both or neither, got one');
};

const keysOf = async (file: string | undefined): Promise<Keys | undefined> =>
  file === undefined
    ? undefined
    : parseKeys(await readFile('--key-file', file, httpLimits.keyFileBytesMax));

/** Resolves once a signal has come and everything under way is answered. */
export const serve = async (options: ServeOptions, version: string): Promise<void> => {
  if (options.requireGvisor === true) refuseOutsideGvisor(release());
  const log = createLog(options.logLevel);
  const keys = await keysOf(options.keyFile);
  const router = routerOf(options);
  const endTracing = wantsTracing(process.env) ? await startTracing('paddock-runtime') : undefined;
  const engine = await engineOf(options, log);
  const { host, port, anonymous = false, probePort } = options;
  const server = await startServer({
    ...{ engine, log, version, host, port, keys, anonymous, router, probePort },
  }).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  keepPausesShort();
  flushCompileCache();
  log.info({ url: server.url, engine: engine.name }, `Paddock serves POST ${server.url}/execute`);
  const ended = Promise.withResolvers<undefined>();
  const end = (delayMs: number) => () => {
    log.info({ delay_ms: delayMs }, 'draining');
    void server.drain(delayMs).then(() => {
      ended.resolve(undefined);
    });
  };
  process.on('SIGTERM', end(httpLimits.drainDelayMs));
  process.on('SIGINT', end(0));
  await ended.promise;
  await engine.close();
  await endTracing?.();
};
