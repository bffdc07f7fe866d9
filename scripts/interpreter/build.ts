// Source -> metered wasm: cargo for wasm32-wasip1, wasm-opt, the meter.

import { homedir } from 'node:os';
import { join } from 'node:path';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { read, run } from './run.ts';
import { root } from './sources.ts';
import { layOut } from './stage.ts';
import { cargo, rustc } from './toolchain.ts';

/** Where builds are kept between runs. */
export const cacheFolder = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'paddock',
);

/** Bytes of the interpreter's own stack, at the bottom of its memory. */
const stackBytes = 4_194_304;

const wasmFeatures = [
  'bulk-memory',
  'bulk-memory-opt',
  'sign-ext',
  'nontrapping-float-to-int',
  'mutable-globals',
  'multivalue',
  'reference-types',
];

const rustflags = (stage: string, target: string): string => {
  const sysroot = read(rustc, ['--print', 'sysroot']);
  const cargoHome = process.env['CARGO_HOME'] ?? join(homedir(), '.cargo');
  const remapped = [
    [target, '/target'],
    [stage, '/interpreter'],
    [cargoHome, '/cargo'],
    [sysroot, '/rust'],
  ];
  return [
    '-C linker=wasm-ld-19',
    '-C panic=abort',
    '-L /usr/lib/wasm32-wasi',
    '-C target-feature=+bulk-memory',
    '-C link-arg=--stack-first',
    `-C link-arg=-zstack-size=${stackBytes}`,
    '-C link-arg=--export=__stack_pointer',
    ...remapped.map(([from, to]) => `--remap-path-prefix=${from}=${to}`),
  ].join(' ');
};

const compile = (stage: string, target: string): string => {
  run(cargo, ['build', '--release', '-p', 'paddock-boa', '--lib', '--target', 'wasm32-wasip1'], {
    cwd: stage,
    env: {
      CARGO_TARGET_DIR: target,
      RUSTC: rustc,
      RUSTC_BOOTSTRAP: '1',
      CARGO_UNSTABLE_BUILD_STD: 'std,panic_abort',
      CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS: rustflags(stage, target),
    },
  });
  return join(target, 'wasm32-wasip1', 'release', 'paddock_boa.wasm');
};

const optimize = (from: string, to: string): void => {
  const interpreter = join(root, 'interpreter');
  run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: interpreter });
  const wasmOpt = join(interpreter, 'node_modules', '.bin', 'wasm-opt');
  const features = wasmFeatures.map((feature) => `--enable-${feature}`);
  run(wasmOpt, [from, '-O3', ...features, '-o', to]);
};

const meter = (stage: string, target: string, from: string, to: string): void => {
  run(cargo, ['build', '--release', '-p', 'meter'], {
    cwd: stage,
    env: { CARGO_TARGET_DIR: target, RUSTC: rustc },
  });
  run(join(target, 'release', 'meter'), [from, to]);
};

/**
 * Builds everything in `work`; returns the metered wasm, and leaves the unmetered one beside it.
 */
export const buildInterpreter = (
  work: string,
): { readonly wasm: Buffer; readonly plain: string } => {
  const [stage, target] = [join(work, 'stage'), join(work, 'target')];
  mkdirSync(work, { recursive: true });
  layOut(stage);
  const compiled = join(work, 'boa.compiled.wasm');
  copyFileSync(compile(stage, target), compiled);
  const plain = join(work, 'boa.plain.wasm');
  optimize(compiled, plain);
  const metered = join(work, 'boa.wasm');
  meter(stage, target, plain, metered);
  return { wasm: readFileSync(metered), plain };
};
