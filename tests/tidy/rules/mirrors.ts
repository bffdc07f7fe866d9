// tests/ mirrors the source: contract/explain.ts has tests/contract/explain.test.ts. What is tested
// through another file says which, and that test must reach it by its imports.

import { importsOf } from './imports.ts';
import type { SourceFile, Violation } from './source.ts';

const mirrored = /^(?:contract|runtime|router|operator|kubernetes|telemetry|cli)\/.*\.ts$/;

/** Why a source has no test of its own. */
export type Excuse =
  /** Another test runs it, and shows what it is for. */
  | { readonly by: string }
  /** Nothing of it runs. */
  | { readonly because: string };

const testOf = (path: string): string => `tests/${path.replace(/\.ts$/, '.test.ts')}`;

/** Every file that one imports, however far, types aside. */
const reachOf = (start: string, files: readonly SourceFile[]): ReadonlySet<string> => {
  const reached = new Set([start]);
  // A set is walked over in the order of insertion, also over what is added meanwhile.
  for (const path of reached) {
    const file = files.find((each) => each.path === path);
    for (const { target, typeOnly } of file ? importsOf(file) : []) {
      if (target !== undefined && !typeOnly) reached.add(target);
    }
  }
  return reached;
};

/** Sources without a test, and excuses that do not hold. */
export const missingMirrors = (
  files: readonly SourceFile[],
  excuses: Readonly<Record<string, Excuse>>,
): readonly Violation[] => {
  const has = (path: string): boolean => files.some((file) => file.path === path);
  const missing = files
    .map(({ path }) => path)
    .filter((path) => mirrored.test(path) && !has(testOf(path)) && !Object.hasOwn(excuses, path))
    .map((path) => `${path}: ${testOf(path)} is missing`);
  const stale = Object.entries(excuses).flatMap(([path, excuse]) => {
    if (!has(path) || has(testOf(path))) return [`${path}: its excuse is stale`];
    if ('because' in excuse || (has(excuse.by) && reachOf(excuse.by, files).has(path))) return [];
    return [`${path}: ${excuse.by} does not reach it`];
  });
  return [...missing, ...stale];
};
