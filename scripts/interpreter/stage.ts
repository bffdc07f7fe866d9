// Lays the interpreter's workspace out for the build: our sources, and the crates of Boa that are
// patched, copied from the registry with the patches applied. Nothing of theirs is kept in the
// repository.

import { cpSync, globSync, mkdirSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { read, run } from './run.ts';
import { root } from './sources.ts';
import { cargo, rustc } from './toolchain.ts';

interface Metadata {
  readonly packages: readonly { name: string; version: string; manifest_path: string }[];
}

/** Any crate of the registry tells where its sources are. */
const anyCrate = 'boa_engine-0.22.0';

const interpreter = join(root, 'interpreter');

/** Folder of each dependency's source, by `name-version`, fetched from the registry when needed. */
const crateFolders = (): ReadonlyMap<string, string> => {
  const args = ['metadata', '--format-version', '1', '--locked'];
  const { packages } = JSON.parse(
    read(cargo, args, { cwd: interpreter, env: { RUSTC: rustc } }),
  ) as Metadata;
  return new Map(
    packages.map(({ name, version, manifest_path }) => [
      `${name}-${version}`,
      dirname(manifest_path),
    ]),
  );
};

const patched = (stage: string, patch: string, from: string): string => {
  const crate = basename(patch, '.patch');
  const to = join(stage, 'patched', crate);
  cpSync(from, to, { recursive: true });
  run('patch', ['-p2', '--no-backup-if-mismatch', '--fuzz=0', '-i', patch], { cwd: to });
  const name = crate.slice(0, crate.lastIndexOf('-'));
  return `${name} = { path = "patched/${crate}" }`;
};

/** Makes `stage` anew; returns the folder of the registry's sources, which is to be remapped. */
export const layOut = (stage: string): string => {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  for (const part of ['Cargo.toml', 'Cargo.lock', 'boa', 'meter']) {
    cpSync(join(interpreter, part), join(stage, part), { recursive: true });
  }
  const folders = crateFolders();
  const lines = globSync('patches/*.patch', { cwd: interpreter })
    .toSorted()
    .map((file) => {
      const from = folders.get(basename(file, '.patch'));
      if (from === undefined) throw new Error(`${file} is for a crate that is not in Cargo.lock`);
      return patched(stage, join(interpreter, file), from);
    });
  const manifest = join(stage, 'Cargo.toml');
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, `${text}\n[patch.crates-io]\n${lines.join('\n')}\n`);
  const boa = folders.get(anyCrate);
  if (boa === undefined) throw new Error(`${anyCrate} is not in Cargo.lock`);
  return dirname(boa);
};
