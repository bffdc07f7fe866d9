// paddock serve: the HTTP server, until a signal ends it.

import { readFile } from 'node:fs/promises';
import { httpLimits } from '../contract/limits.ts';
import { createEngine, type EvaluationLimits } from '../runtime/index.ts';
import { parseKeys, startServer } from '../runtime/server.ts';
import { createLog } from '../telemetry/log.ts';

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly keyFile?: string;
  readonly anonymous?: boolean;
  readonly workers?: number;
  readonly fuel?: number;
  readonly memory?: number;
  readonly time?: number;
  readonly logLevel: string;
}

const limitsOf = ({ fuel, memory, time }: ServeOptions): Partial<EvaluationLimits> => ({
  ...(fuel === undefined ? {} : { fuelMax: fuel }),
  ...(memory === undefined ? {} : { memoryBytesMax: memory }),
  ...(time === undefined ? {} : { timeMsMax: time }),
});

/** Resolves once a signal has come and everything under way is answered. */
export const serve = async (options: ServeOptions, version: string): Promise<void> => {
  const log = createLog(options.logLevel);
  const keys =
    options.keyFile === undefined ? undefined : parseKeys(await readFile(options.keyFile, 'utf8'));
  const engine = await createEngine({
    limits: limitsOf(options),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    log: ({ event, id, cause }) => {
      log.error({ event, id, cause }, 'engine');
    },
  });
  const { host, port, anonymous = false } = options;
  const server = await startServer({ engine, log, version, host, port, keys, anonymous }).catch(
    async (error: unknown) => {
      await engine.close();
      throw error;
    },
  );
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
};
