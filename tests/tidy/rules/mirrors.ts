// tests/ mirrors the source: contract/explain.ts has tests/contract/explain.test.ts.

import type { Violation } from './source.ts';

const mirrored = /^(?:contract|runtime|router|operator|kubernetes|telemetry|cli)\/.*\.ts$/;

/** Source file -> why it has no test of its own. */
export type Unmirrored = Readonly<Record<string, string>>;

const testOf = (path: string): string => `tests/${path.replace(/\.ts$/, '.test.ts')}`;

/** Sources without a test, and excuses that are no longer needed. */
export const missingMirrors = (
  paths: readonly string[],
  excused: Unmirrored,
): readonly Violation[] => {
  const has = (path: string): boolean => paths.includes(path);
  const missing = paths
    .filter((path) => mirrored.test(path) && !has(testOf(path)) && !Object.hasOwn(excused, path))
    .map((path) => `${path}: ${testOf(path)} is missing`);
  const stale = Object.keys(excused)
    .filter((path) => !has(path) || has(testOf(path)))
    .map((path) => `${path}: its excuse is stale`);
  return [...missing, ...stale];
};
