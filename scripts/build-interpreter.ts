// npm run build:interpreter: builds interpreter/dist from source on a bare Debian machine.
// With --check nothing is written: the build is compared with what is committed.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildInterpreter, cacheFolder } from './interpreter/build.ts';
import { dist, readManifest, writeManifest } from './interpreter/manifest.ts';
import { engineSourcesDigest, sha256, sourcesDigest } from './interpreter/sources.ts';
import { ensureToolchain, toolchainVersions } from './interpreter/toolchain.ts';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const work = join(cacheFolder, 'interpreter');

const buildWith = (toolchain: Readonly<Record<string, string>>): Buffer =>
  buildInterpreter(work, sha256(JSON.stringify([engineSourcesDigest(), toolchain])));

/** The digest of a build of these very sources with this very toolchain, built at most once. */
const rebuiltDigest = (sources: string, toolchain: Readonly<Record<string, string>>): string => {
  const key = sha256(JSON.stringify([sources, toolchain]));
  const known = join(work, 'built', key);
  if (existsSync(known)) {
    say(`built before on this machine: sources ${sources.slice(0, 12)}`);
    return readFileSync(known, 'utf8');
  }
  const digest = sha256(buildWith(toolchain));
  mkdirSync(join(work, 'built'), { recursive: true });
  writeFileSync(known, digest);
  return digest;
};

const check = (): boolean => {
  const manifest = readManifest();
  const sources = sourcesDigest();
  if (manifest.sources !== sources) {
    say('DIFFERENT: the sources have changed since interpreter/dist was built');
    return false;
  }
  ensureToolchain();
  const toolchain = toolchainVersions();
  if (JSON.stringify(toolchain) !== JSON.stringify(manifest.toolchain)) {
    say('NOT COMPARABLE: interpreter/dist was built with another toolchain.');
    say(`committed: ${JSON.stringify(manifest.toolchain)}\nhere: ${JSON.stringify(toolchain)}`);
    say('The conformance and fuel tests on the committed wasm are all there is to go by.');
    return true;
  }
  const same = rebuiltDigest(sources, toolchain) === manifest.sha256;
  say(
    same ? 'SAME: a rebuild gives interpreter/dist byte for byte' : 'DIFFERENT: a rebuild differs',
  );
  return same;
};

const build = (): void => {
  ensureToolchain();
  const toolchain = toolchainVersions();
  // Before the build: whoever edits during it must not have the new source in the manifest.
  const sources = sourcesDigest();
  const wasm = buildWith(toolchain);
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, 'boa.wasm'), wasm);
  writeManifest({
    engine: 'boa-0.22.0',
    wasm: 'boa.wasm',
    sha256: sha256(wasm),
    sources,
    toolchain,
  });
  say(`interpreter/dist/boa.wasm: ${wasm.length} bytes, ${sha256(wasm)}`);
};

if (process.argv.includes('--check')) process.exitCode = check() ? 0 : 1;
else build();
