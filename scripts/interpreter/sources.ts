// What the built interpreter is made of, and its digest: the manifest carries it, a test compares.

import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the repository. */
export const root = new URL('../..', import.meta.url).pathname;

/** What the unmetered wasm depends on. */
const enginePatterns = [
  'interpreter/Cargo.toml',
  'interpreter/Cargo.lock',
  'interpreter/package-lock.json',
  'interpreter/boa/Cargo.toml',
  'interpreter/boa/src/**/*.rs',
  'interpreter/patches/*.patch',
  'scripts/interpreter/*.ts',
];

const meterPatterns = ['interpreter/meter/Cargo.toml', 'interpreter/meter/src/**/*.rs'];

const matching = (patterns: readonly string[]): readonly string[] =>
  globSync([...patterns], { cwd: root }).toSorted((a, b) => (a < b ? -1 : 1));

/** Every file that decides what the built wasm is, sorted, relative to the root. */
export const sourceFiles = (): readonly string[] => matching([...enginePatterns, ...meterPatterns]);

export const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');

const digestOf = (files: readonly string[]): string =>
  sha256(files.map((file) => `${file} ${sha256(readFileSync(join(root, file)))}\n`).join(''));

/** SHA-256 over the names and digests of all source files. */
export const sourcesDigest = (): string => digestOf(sourceFiles());

/** The same for what the unmetered wasm depends on. */
export const engineSourcesDigest = (): string => digestOf(matching(enginePatterns));
