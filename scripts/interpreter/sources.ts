// What the built interpreter is made of, and its digest: the manifest carries it, a test compares.

import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the repository. */
export const root = new URL('../..', import.meta.url).pathname;

const patterns = [
  'interpreter/Cargo.toml',
  'interpreter/Cargo.lock',
  'interpreter/package-lock.json',
  'interpreter/boa/Cargo.toml',
  'interpreter/boa/src/**/*.rs',
  'interpreter/meter/Cargo.toml',
  'interpreter/meter/src/**/*.rs',
  'interpreter/patches/*.patch',
  'scripts/interpreter/*.ts',
];

/** Every file that decides what the built wasm is, sorted, relative to the root. */
export const sourceFiles = (): readonly string[] =>
  globSync(patterns, { cwd: root }).toSorted((a, b) => (a < b ? -1 : 1));

export const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');

/** SHA-256 over the names and digests of all source files. */
export const sourcesDigest = (): string =>
  sha256(
    sourceFiles()
      .map((file) => `${file} ${sha256(readFileSync(join(root, file)))}\n`)
      .join(''),
  );
