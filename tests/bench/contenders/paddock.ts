// Paddock as it is embedded: the library, with its worker thread.

import { readFileSync } from 'node:fs';
import { createEngine } from '../../../runtime/index.ts';
import { contenderLimits, type Contender } from './contender.ts';

const { version } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { version: string };

export const openPaddock = async (): Promise<Contender> => {
  const engine = await createEngine({
    workers: 1,
    limits: {
      // Enough for every script here: the benchmark measures speed, not limits.
      fuelMax: 1_000_000_000_000,
      memoryBytesMax: contenderLimits.memoryBytes,
    },
  });
  let opened = 0;
  const evaluate = async (sandbox_id: string | null, script: string): Promise<unknown> => {
    const outcome = await engine.evaluate({ sandbox_id, script });
    if (outcome.status !== 'OK') throw new Error(`${outcome.status}: ${outcome.message}`);
    return JSON.parse(outcome.result_json);
  };
  return {
    name: 'paddock',
    version,
    note: 'the library: own memory, exact fuel, in a worker thread (its round trip is included)',
    open: () => {
      const id = `bench ${++opened}`;
      return { evaluate: (script) => evaluate(id, script), dispose: () => undefined };
    },
    evaluateOnce: (script) => evaluate(null, script),
    close: () => engine.close(),
  };
};
