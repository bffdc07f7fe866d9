// Outcome of a composed Script -> did the test pass, and if not, why. Pure.

import { marks, type Variant } from './compose.ts';
import type { Metadata, Negative } from './metadata.ts';
import type { Outcome } from '@paddock-sandbox/paddock';

/** Undefined: it passed. */
export type Fault = string | undefined;

interface Ending {
  readonly lines: ReadonlySet<string>;
  /** Message of what the test threw; undefined when nothing was thrown out of it. */
  readonly thrown: string | undefined;
}

const endingOf = (outcome: Outcome): Ending => ({
  lines: new Set(outcome.stdout.split('\n')),
  // The SCRIPT stage is ours: it does nothing, whatever the test has done to its realm.
  thrown:
    outcome.status === 'RUNTIME_ERROR' && outcome.stage === 'INIT' ? outcome.message : undefined,
});

/** Whether a message is that of an error of a constructor, as `TypeError: x is not a function`. */
const isOf = (message: string, type: string): boolean =>
  message.startsWith(type) && !/^[\w$]/.test(message.slice(type.length));

const judgeNegative = (
  { lines, thrown }: Ending,
  { phase, type }: Negative,
  variant: Variant,
): Fault => {
  const expected = `expected ${type} in phase ${phase}`;
  if (thrown === undefined || lines.has(marks.ended)) return `${expected}, nothing was thrown`;
  if (!isOf(thrown, type)) return `${expected}, got ${thrown}`;
  if (variant === 'raw') return undefined;
  const parsed = lines.has(marks.started);
  if (phase === 'parse' && parsed) return `${expected}, it was thrown at run time`;
  if (phase === 'runtime' && !parsed) return `${expected}, it was thrown before anything ran`;
  return undefined;
};

const judgeAsync = ({ thrown }: Ending, stdout: string): Fault => {
  const failure = stdout.split('\n').find((line) => line.startsWith(marks.failure));
  if (failure !== undefined) return failure;
  if (stdout.split('\n').includes(marks.complete)) return undefined;
  return thrown ?? '$DONE was never called';
};

const judgePositive = ({ lines, thrown }: Ending, variant: Variant): Fault => {
  // After the last mark come only rejections that nobody handled: no failure by the suite's rules.
  if (variant !== 'raw' && lines.has(marks.ended)) return undefined;
  return thrown ?? (variant === 'raw' ? undefined : 'it did not come to its end');
};

/** Judges a test by what it ended with. */
export const judge = (metadata: Metadata, variant: Variant, outcome: Outcome): Fault => {
  const { status } = outcome;
  if (status !== 'OK' && status !== 'RUNTIME_ERROR') return `${status}: ${outcome.message}`;
  const ending = endingOf(outcome);
  if (metadata.negative) return judgeNegative(ending, metadata.negative, variant);
  if (metadata.flags.has('async')) return judgeAsync(ending, outcome.stdout);
  return judgePositive(ending, variant);
};

/** Whether a raw test that must not parse ran nothing, judged by its marked twin. */
export const judgeMarked = ({ type }: Negative, outcome: Outcome): Fault => {
  const { lines, thrown } = endingOf(outcome);
  const early = thrown !== undefined && isOf(thrown, type) && !lines.has(marks.started);
  return early ? undefined : `expected ${type} in phase parse, it was thrown at run time`;
};
