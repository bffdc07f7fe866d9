// Runs tests through the library, as many at a time as keep its workers busy.

import { compose, composeMarked, variantsOf, type Variant } from './compose.ts';
import { judge, judgeMarked, type Fault } from './judge.ts';
import { skipReason, type SkipOptions } from './skips.ts';
import type { Result } from './expected.ts';
import type { Suite, Test } from './suite.ts';
import type { Engine, Outcome } from '@paddock-sandbox/paddock';

export interface Skipped {
  readonly path: string;
  readonly reason: string;
}

export interface Driven {
  readonly results: readonly Result[];
  readonly skipped: readonly Skipped[];
  /** Features of each test that ran. */
  readonly features: ReadonlyMap<string, readonly string[]>;
}

export interface DriveOptions extends SkipOptions {
  readonly engine: Engine;
  /** Tests under way at once. */
  readonly concurrency: number;
  /** Told after each test. */
  readonly onTest?: (done: number) => void;
}

/** The present of every test: runs compare only when time and chance are the same. */
const now = Date.UTC(2026, 0, 1);

/** The test is the init_script, since that is what the ABI evaluates as a Script. */
const run = ({ engine }: DriveOptions, source: string): Promise<Outcome> =>
  engine.evaluate({ init_script: source, script: '0', seed: 1, now });

const faultOf = async (
  suite: Suite,
  test: Test,
  variant: Variant,
  options: DriveOptions,
): Promise<Fault> => {
  const { metadata } = test;
  const outcome = await run(options, compose(suite, test, variant));
  const fault = judge(metadata, variant, outcome);
  const { negative } = metadata;
  if (fault !== undefined || variant !== 'raw' || negative?.phase !== 'parse') return fault;
  return judgeMarked(negative, await run(options, composeMarked(test)));
};

const resultOf = async (
  suite: Suite,
  test: Test,
  variant: Variant,
  options: DriveOptions,
): Promise<Result> => {
  const { path } = test;
  try {
    const fault = await faultOf(suite, test, variant, options);
    return fault === undefined ? { path, variant } : { path, variant, fault };
  } catch (error) {
    // A missing harness file, or a text that is too long for a request.
    return { path, variant, fault: error instanceof Error ? error.message : String(error) };
  }
};

/** A test that cannot be read fails, in the one variant that everything has. */
const readOrFail = (suite: Suite, path: string): Test | Result => {
  try {
    return suite.read(path);
  } catch (error) {
    return { path, variant: 'raw', fault: error instanceof Error ? error.message : String(error) };
  }
};

/** Runs the tests of these paths in every variant; the answer is in the order of the paths. */
export const drive = async (
  suite: Suite,
  paths: readonly string[],
  options: DriveOptions,
): Promise<Driven> => {
  const results: (readonly Result[])[] = [];
  const skipped: Skipped[] = [];
  const features = new Map<string, readonly string[]>();
  const queue = paths.entries();
  let done = 0;
  const one = async (path: string): Promise<readonly Result[]> => {
    const test = readOrFail(suite, path);
    if (!('metadata' in test)) return [test];
    features.set(path, test.metadata.features);
    const reason = skipReason(test, options);
    if (reason !== undefined) skipped.push({ path, reason });
    if (reason !== undefined) return [];
    return Promise.all(variantsOf(test).map((each) => resultOf(suite, test, each, options)));
  };
  const lane = async (): Promise<void> => {
    for (const [index, path] of queue) {
      results[index] = await one(path);
      options.onTest?.(++done);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, lane));
  return { results: results.flat(), skipped, features };
};
