// The scripts that are measured: a folder of .js files, each a plain script whose value is its
// result.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface BenchScript {
  readonly name: string;
  readonly source: string;
}

export const readScripts = (directory: string): BenchScript[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.js'))
    .toSorted()
    .map((name) => ({
      name: basename(name, '.js'),
      source: readFileSync(join(directory, name), 'utf8'),
    }));

/** The folders that ship with the benchmark. */
export const smallScripts = (): BenchScript[] => readScripts(join(import.meta.dirname, 'scripts'));
export const programs = (): BenchScript[] => readScripts(join(import.meta.dirname, 'programs'));
