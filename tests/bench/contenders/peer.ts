// The packages of the contenders, installed under tests/bench and nowhere else.

import { readFileSync } from 'node:fs';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
}

const lock = new URL('../package-lock.json', import.meta.url);

/** Version of a package, as the lock file has it: it may not be installed yet. */
export const versionOf = (name: string): string => {
  const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as Lock;
  const version = packages[`node_modules/${name}`]?.version;
  if (version === undefined) throw new Error(`${name} is not in ${lock.pathname}`);
  return version;
};
