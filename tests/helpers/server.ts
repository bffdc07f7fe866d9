// A real server on a free port for the tests of a file, and requests to it.

import type { TestFn } from 'ava';
import { createEngine, type Engine, type EngineOptions } from '../../runtime/index.ts';
import { startServer, type RunningServer, type ServerOptions } from '../../runtime/server.ts';
import { createLog } from '../../telemetry/log.ts';

export interface Answer {
  readonly code: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const answerOf = async (response: Response): Promise<Answer> => {
  const text = await response.text();
  const body = JSON.parse(text) as Record<string, unknown>;
  return { code: response.status, headers: response.headers, text, body };
};

/** Starts an engine and a server before the first test of a file. */
export const withServer = (
  test: TestFn,
  options: Partial<ServerOptions> = {},
  engineOptions: EngineOptions = {},
) => {
  const started: { engine?: Engine; server?: RunningServer } = {};
  test.before(async () => {
    started.engine = await createEngine({ workers: 1, ...engineOptions });
    started.server = await startServer({
      engine: started.engine,
      log: createLog('silent'),
      version: '0.0.0',
      host: '127.0.0.1',
      port: 0,
      ...options,
    });
  });
  test.after.always(async () => {
    await started.server?.drain(0);
    await started.engine?.close();
  });
  const url = (): string => started.server?.url ?? '';
  const request = async (path: string, init?: RequestInit): Promise<Answer> =>
    answerOf(await fetch(url() + path, init));
  const execute = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    request('/execute', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { url, request, execute };
};
