// The toolchain that builds the interpreter: Debian's, since it ships the source of std, from which
// the std for wasm32-wasip1 is built. Missing packages are installed where that is possible.

import { existsSync } from 'node:fs';
import { read, run } from './run.ts';

const packages = [
  'rustc-web',
  'cargo-web',
  'rust-web-src',
  'wasi-libc',
  'lld-19',
  'libclang-rt-19-dev-wasm32',
  'gcc',
  'libc6-dev',
  'patch',
] as const;

export const rustc = '/usr/bin/rustc';
export const cargo = '/usr/bin/cargo';

const installed = (name: string): boolean => {
  try {
    return read('dpkg-query', ['-W', '-f', '${Status}', name]) === 'install ok installed';
  } catch {
    return false;
  }
};

/** Installs what is missing. Throws with the command to run where this user may not. */
export const ensureToolchain = (): void => {
  if (!existsSync('/usr/bin/dpkg-query')) throw new Error('building needs a Debian system');
  const missing = packages.filter((name) => !installed(name));
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  if (process.getuid?.() !== 0) {
    throw new Error(`missing packages; as root: apt-get update && apt-get ${install.join(' ')}`);
  }
  run('apt-get', ['update']);
  run('apt-get', install, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
};

const version = (name: string): string => read('dpkg-query', ['-W', '-f', '${Version}', name]);

/** Exact versions; only builds with equal ones are comparable byte by byte. */
export const toolchainVersions = (): Readonly<Record<string, string>> => ({
  rustc: read(rustc, ['--version']),
  ...Object.fromEntries(
    ['rust-web-src', 'wasi-libc', 'lld-19', 'libclang-rt-19-dev-wasm32'].map((name) => [
      name,
      version(name),
    ]),
  ),
});
