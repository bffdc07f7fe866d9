// interpreter/dist/manifest.json: what the committed wasm was built from, and with what.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './sources.ts';

export interface BuildManifest {
  /** First part of the engine's name in `usage.engine`. */
  readonly engine: string;
  readonly wasm: string;
  /** Of the wasm. */
  readonly sha256: string;
  /** Of all that decides what the wasm is: scripts/interpreter/sources.ts. */
  readonly sources: string;
  readonly toolchain: Readonly<Record<string, string>>;
}

export const dist = join(root, 'interpreter', 'dist');
const file = join(dist, 'manifest.json');

export const readManifest = (): BuildManifest =>
  JSON.parse(readFileSync(file, 'utf8')) as BuildManifest;

export const writeManifest = (manifest: BuildManifest): void => {
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
};
