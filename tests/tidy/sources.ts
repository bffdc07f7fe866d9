// The files that the rules look at: what git tracks or would track, read once.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { SourceFile } from './rules/source.ts';

const root = new URL('../../', import.meta.url);

const binary = /\.(?:wasm|png|jpg|ico|gz|zst|bin)$/;

const listed = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
  {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  },
);

const isFile = (path: string): boolean => {
  const url = new URL(path, root);
  return existsSync(url) && statSync(url).isFile();
};

/** Paths from the repository's root, with `/`. */
export const allPaths: readonly string[] = [...new Set(listed.split('\0'))]
  .filter((path) => path !== '' && isFile(path))
  .toSorted();

// A patch quotes the lines of others around its own.
const quotes = /\.patch$|^package-lock\.json$/;

/** Every text file of the repository. */
export const allFiles: readonly SourceFile[] = allPaths
  .filter((path) => !binary.test(path) && !quotes.test(path))
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));

// Fixtures and benchmark programs are data: attacks and imitations of other people's code.
const data =
  /^(?:tests\/fixtures|tests\/bench\/(?:programs|scripts))\/|^interpreter\/(?:dist|patches)\//;

/** Code that people here write: TypeScript, JavaScript, Rust, shell. */
export const codeFiles: readonly SourceFile[] = allFiles.filter(
  ({ path }) => /\.(?:ts|js|mjs|rs|sh)$|^\.ci\/run$/.test(path) && !data.test(path),
);

/** TypeScript alone. */
export const typeScriptFiles: readonly SourceFile[] = codeFiles.filter(({ path }) =>
  path.endsWith('.ts'),
);
