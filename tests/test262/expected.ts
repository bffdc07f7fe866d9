// The list of expected failures: one `path variant` on each line, `#` begins a comment. A listed
// test must fail and an unlisted one must pass; anything else is a surprise.

import type { Variant } from './compose.ts';

/** One run of one test. */
export interface Result {
  readonly path: string;
  readonly variant: Variant;
  /** Absent: it passed. */
  readonly fault?: string;
}

export interface Surprises {
  readonly failed: readonly Result[];
  readonly passed: readonly Result[];
  /** Listed lines that name no test of the suite. */
  readonly unknown: readonly string[];
}

const nameOf = ({ path, variant }: Pick<Result, 'path' | 'variant'>): string =>
  `${path} ${variant}`;

/** The lines of a list. Throws on a line that is not `path variant`. */
export const parseExpected = (text: string): readonly string[] =>
  text.split('\n').flatMap((line, index) => {
    const name = line.replace(/#.*$/, '').trim();
    if (name === '') return [];
    if (/^\S+ (?:sloppy|strict|raw)$/.test(name)) return [name];
    throw new Error(`line ${index + 1}: expected "path sloppy", "… strict" or "… raw"`);
  });

/** The list that makes these results unsurprising. */
export const formatExpected = (results: readonly Result[]): string => {
  const failed = results.filter(({ fault }) => fault !== undefined).map(nameOf);
  return `# Tests that are expected to fail, written by --write-expect.\n${failed
    .toSorted()
    .map((name) => `${name}\n`)
    .join('')}`;
};

/**
 * Compares results with a list. `isTest` tells of a path whether the suite has such a test, whether
 * or not it ran.
 */
export const surprisesOf = (
  results: readonly Result[],
  expected: readonly string[],
  isTest: (path: string) => boolean,
): Surprises => {
  const listed = new Set(expected);
  return {
    failed: results.filter((r) => r.fault !== undefined && !listed.has(nameOf(r))),
    passed: results.filter((r) => r.fault === undefined && listed.has(nameOf(r))),
    unknown: expected.filter((name) => !isTest(name.split(' ')[0] ?? '')),
  };
};
