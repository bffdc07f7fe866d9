// A conformance suite on disk: the folder that holds test/ and harness/, and the tests in it.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseMetadata, type Metadata } from './metadata.ts';

export interface Test {
  /** Path from the suite's test/ folder, with `/`. */
  readonly path: string;
  readonly source: string;
  readonly metadata: Metadata;
}

export interface Suite {
  /** Paths of all tests under the folder that was named, sorted. */
  readonly paths: readonly string[];
  /** Whether the suite has a test of this path, also beyond the folder that was named. */
  readonly has: (path: string) => boolean;
  /** Throws when the front matter cannot be read. */
  readonly read: (path: string) => Test;
  /** The text of a harness file. Throws when there is none of that name. */
  readonly harness: (name: string) => string;
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

const isRoot = (folder: string): boolean =>
  isFolder(join(folder, 'test')) && isFolder(join(folder, 'harness'));

/** The suite's root: `folder` or the nearest folder above it with test/ and harness/. */
const rootOf = (folder: string): string => {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (isRoot(at)) return at;
    if (at === dirname(at)) {
      throw new Error(`${folder}: expected a folder with test/ and harness/, or one within it`);
    }
  }
};

/** A file that another test imports is no test of its own. */
const isTest = (name: string): boolean => name.endsWith('.js') && !name.includes('_FIXTURE');

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isTest(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

/** Opens a suite by its root or by any folder within its test/. */
export const openSuite = (folder: string): Suite => {
  const root = rootOf(folder);
  const tests = join(root, 'test');
  const start = resolve(folder) === root ? tests : resolve(folder);
  const harness = new Map<string, string>();
  return {
    paths: filesIn(start)
      .map((path) => relative(tests, path).split(sep).join('/'))
      .toSorted(),
    has: (path) => isTest(path) && !path.includes('..') && existsSync(join(tests, path)),
    read(path) {
      const source = readFileSync(join(tests, path), 'utf8');
      return { path, source, metadata: parseMetadata(source) };
    },
    harness(name) {
      const known = harness.get(name);
      if (known !== undefined) return known;
      const file = join(root, 'harness', name);
      const inside = !relative(join(root, 'harness'), file).startsWith('..');
      if (!inside || !existsSync(file)) throw new Error(`harness/${name} does not exist`);
      const text = readFileSync(file, 'utf8');
      harness.set(name, text);
      return text;
    },
  };
};
