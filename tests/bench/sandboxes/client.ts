// The load generator: closed loops, and an open loop that sends when a request is due, whatever has
// become of those before.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Agent, request } from 'undici';
import { clockMs } from './clock.ts';
import type { Call } from './arrivals.ts';
import type { Pace } from './pacer.ts';

interface Answer {
  readonly code: number;
  /** live, dormant or new, from a server that says so. */
  readonly found: string | undefined;
}

export interface Sample extends Answer {
  readonly kind: string;
  /** Open loop: from when it was due to the end of the answer, so that lateness counts. */
  readonly ms: number;
  /** How late it was sent: the generator's own share. */
  readonly lagMs: number;
}

export interface Client {
  readonly send: (call: Call) => Promise<Answer>;
  /** Calls answered. */
  readonly closedLoop: (next: () => Call, loops: number, seconds: number) => Promise<number>;
  readonly openLoop: (offsets: Float64Array, next: () => Call) => Promise<readonly Sample[]>;
  readonly close: () => Promise<void>;
}

export const openClient = async (origin: string): Promise<Client> => {
  const dispatcher = new Agent({ connections: 256, pipelining: 1 });
  const pacer = new Worker(new URL('./pacer.ts', import.meta.url));
  await once(pacer, 'online');

  const send = async ({ body, key }: Call): Promise<Answer> => {
    const headers = {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    };
    const answer = await request(`${origin}/execute`, {
      ...{ method: 'POST', dispatcher, headers, body },
      ...{ headersTimeout: 0, bodyTimeout: 0 },
    });
    const text = await answer.body.text();
    // A result that is none would be a fast answer to nothing.
    if (answer.statusCode === 200 && !text.startsWith('{"status":"OK"')) throw new Error(text);
    return { code: answer.statusCode, found: /"sandbox":"(\w+)"/.exec(text)?.[1] };
  };

  return {
    send,
    async closedLoop(next, loops, seconds) {
      const end = clockMs() + seconds * 1000;
      let answered = 0;
      const loop = async () => {
        while (clockMs() < end) if ((await send(next())).code === 200) answered++;
      };
      await Promise.all(Array.from({ length: loops }, loop));
      return answered;
    },
    async openLoop(offsets, next) {
      const startMs = clockMs() + 50;
      const samples: Promise<Sample>[] = [];
      const sendAt = async (dueMs: number, call: Call): Promise<Sample> => {
        const lagMs = clockMs() - dueMs;
        const answer = await send(call);
        return { ...answer, kind: call.kind, ms: clockMs() - dueMs, lagMs };
      };
      const { promise: allSent, resolve } = Promise.withResolvers<undefined>();
      const advance = (due: number): void => {
        while (samples.length < due) {
          samples.push(sendAt(startMs + (offsets[samples.length] ?? 0), next()));
        }
        if (due === offsets.length) resolve(undefined);
      };
      pacer.on('message', advance);
      pacer.postMessage({ startMs, offsets } satisfies Pace);
      await allSent;
      pacer.off('message', advance);
      return Promise.all(samples);
    },
    async close() {
      await pacer.terminate();
      await dispatcher.destroy();
    },
  };
};
