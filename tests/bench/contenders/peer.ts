// The packages of the contenders, installed under tests/bench and nowhere else.

import { readFileSync } from 'node:fs';

/** Version of an installed package; the packages' own export maps hide their package.json. */
export const versionOf = (name: string): string => {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
};
