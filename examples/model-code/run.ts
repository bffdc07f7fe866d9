// Code that a language model wrote: run within limits, told back to the model when it fails, and
// recorded so that the very same run can be had again.

import { randomInt } from 'node:crypto';
import type { Engine, Outcome } from '@paddock-sandbox/paddock';

/** All that a run depends on, and what came of it. Plain JSON: it can go into a log. */
export interface RunRecord {
  readonly code: string;
  readonly input: unknown;
  readonly seed: number;
  readonly now: number;
  readonly limits: { readonly fuel: number; readonly memory_bytes: number };
  /** Fuel is comparable under the same interpreter only. */
  readonly engine: string;
  readonly fuel: number;
  readonly status: string;
  /** The result as JSON, or the message. */
  readonly said: string;
  readonly stdout: string;
}

const limits = { fuel: 1_000_000_000, memory_bytes: 32 * 1024 * 1024 };

const saidBy = (outcome: Outcome): string =>
  outcome.status === 'OK' ? outcome.result_json : outcome.message;

const evaluate = async (
  engine: Pick<Engine, 'evaluate'>,
  run: Pick<RunRecord, 'code' | 'input' | 'seed' | 'now' | 'limits'>,
): Promise<{ readonly record: RunRecord; readonly outcome: Outcome }> => {
  const { code, ...rest } = run;
  const outcome = await engine.evaluate({ script: code, ...rest });
  const { engine: name, fuel } = outcome.usage;
  const { status, stdout } = outcome;
  const record = { ...run, engine: name, fuel, status, said: saidBy(outcome), stdout };
  return { record, outcome };
};

/** Hints for a model: what it can change, not what the limit is for. */
const hints: Readonly<Record<string, string>> = {
  OUT_OF_FUEL: 'The code ran too long: look for an endless loop or a slower way than needed.',
  OUT_OF_MEMORY: 'The code kept too much at a time: work on the data piece by piece.',
};

/** What the model is told after a failure, for its next attempt; nothing when all went well. */
export const feedbackOf = (outcome: Outcome): string | undefined => {
  if (outcome.status === 'OK') return undefined;
  const stack = outcome.status === 'RUNTIME_ERROR' ? outcome.stack : undefined;
  const parts = [`${outcome.status}: ${outcome.message}`, hints[outcome.status], stack];
  if (outcome.stdout !== '') parts.push(`It had printed:\n${outcome.stdout}`);
  return parts.filter((part) => part !== undefined).join('\n');
};

/** Runs code for the first time. The value of its last expression is the result. */
export const run = (engine: Pick<Engine, 'evaluate'>, code: string, input: unknown) =>
  evaluate(engine, { code, input, seed: randomInt(2 ** 47), now: Date.now(), limits });

/** Runs a record again: the fields that came out otherwise; none under the same interpreter. */
export const replay = async (
  engine: Pick<Engine, 'evaluate'>,
  { code, input, seed, now, limits: same, ...before }: RunRecord,
): Promise<readonly string[]> => {
  const { record } = await evaluate(engine, { code, input, seed, now, limits: same });
  const fields = ['engine', 'fuel', 'status', 'said', 'stdout'] as const;
  return fields.filter((field) => record[field] !== before[field]);
};
