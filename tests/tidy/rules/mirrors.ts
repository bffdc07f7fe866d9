// tests/ mirrors the source: contract/explain.ts has tests/contract/explain.test.ts. What is tested
// through another file says which, and that test must reach it by its imports.

import { importsOf } from './imports.ts';
import type { SourceFile, Violation } from './source.ts';

const mirrored = /^(?:contract|http|runtime|router|operator|kubernetes|telemetry|cli)\/.*\.ts$/;

/** Why a source has no test of its own. */
export type Excuse =
  /** Another test runs it, and shows what it is for. */
  | { readonly by: string }
  /** Nothing of it runs. */
  | { readonly because: string };

const testOf = (path: string): string => `tests/${path.replace(/\.ts$/, '.test.ts')}`;

/** A test on a real API server or node mirrors its source as any other does. */
const testsOf = (path: string): readonly string[] =>
  ['.test.ts', '.apiserver.test.ts', '.node.test.ts'].map((end) =>
    testOf(path).replace(/\.test\.ts$/, end),
  );

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
  const isTested = (path: string): boolean => testsOf(path).some(has);
  const missing = files
    .map(({ path }) => path)
    .filter((path) => mirrored.test(path) && !isTested(path) && !Object.hasOwn(excuses, path))
    .map((path) => `${path}: ${testOf(path)} is missing`);
  const stale = Object.entries(excuses).flatMap(([path, excuse]) => {
    if (!has(path) || isTested(path)) return [`${path}: its excuse is stale`];
    if ('because' in excuse || (has(excuse.by) && reachOf(excuse.by, files).has(path))) return [];
    return [`${path}: ${excuse.by} does not reach it`];
  });
  return [...missing, ...stale];
};
