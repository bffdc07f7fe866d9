// Source -> metered wasm: cargo for wasm32-wasip1, wasm-opt, the meter.

import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
} from 'node:fs';
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

/** Called in a loop so that a long run changes to the version without notes. */
const neverInlined = '*8run_some';

/** Twice binaryen's own bound, so that fewer entries of small functions are left to check. */
const inlineSizeMax = 40;

const rustflags = (stage: string, target: string, registry: string): string => {
  const source = join(read(rustc, ['--print', 'sysroot']), 'lib', 'rustlib', 'src', 'rust');
  const cargoHome = process.env['CARGO_HOME'] ?? join(homedir(), '.cargo');
  const remapped = [
    [cargoHome, '/cargo'],
    [registry, '/crates'],
    [target, '/target'],
    [stage, '/interpreter'],
    [source, '/rust'],
    [realpathSync(source), '/rust'],
  ];
  return [
    '-C linker=wasm-ld-19',
    '-C panic=abort',
    '-L /usr/lib/wasm32-wasi',
    '-C target-feature=+bulk-memory,+sign-ext,+nontrapping-fptoint,+mutable-globals,+multivalue',
    '-C link-arg=--stack-first',
    `-C link-arg=-zstack-size=${stackBytes}`,
    '-C link-arg=--export=__stack_pointer',
    ...remapped.map(([from, to]) => `--remap-path-prefix=${from}=${to}`),
  ].join(' ');
};

const compile = (stage: string, target: string, registry: string): string => {
  run(cargo, ['build', '--release', '-p', 'paddock-boa', '--lib', '--target', 'wasm32-wasip1'], {
    cwd: stage,
    env: {
      CARGO_TARGET_DIR: target,
      CARGO_INCREMENTAL: '0',
      RUSTC: rustc,
      RUSTC_BOOTSTRAP: '1',
      CARGO_UNSTABLE_BUILD_STD: 'std,panic_abort',
      CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS: rustflags(stage, target, registry),
    },
  });
  return join(target, 'wasm32-wasip1', 'release', 'paddock_boa.wasm');
};

const optimize = (from: string, to: string): void => {
  const interpreter = join(root, 'interpreter');
  run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: interpreter });
  const wasmOpt = join(interpreter, 'node_modules', '.bin', 'wasm-opt');
  const features = wasmFeatures.map((feature) => `--enable-${feature}`);
  const inline = `--flexible-inline-max-function-size=${inlineSizeMax}`;
  const keep = `--no-inline=${neverInlined}`;
  run(wasmOpt, [from, keep, '-O3', inline, ...features, '-g', '-o', `${to}.part`]);
  renameSync(`${to}.part`, to);
};

const meter = (stage: string, target: string, from: string, to: string): void => {
  run(cargo, ['build', '--release', '-p', 'meter'], {
    cwd: stage,
    env: { CARGO_TARGET_DIR: target, RUSTC: rustc },
  });
  run(join(target, 'release', 'meter'), [from, to]);
};

/**
 * Builds in `work`. The unmetered wasm, which takes minutes, is kept there under `engineDigest`,
 * the digest of all it depends on, and copied to interpreter/target for the benchmarks.
 */
export const buildInterpreter = (work: string, engineDigest: string): Buffer => {
  const [stage, target] = [join(work, 'stage'), join(work, 'target')];
  mkdirSync(work, { recursive: true });
  const registry = layOut(stage);
  const plain = join(work, `${engineDigest}.plain.wasm`);
  if (!existsSync(plain)) optimize(compile(stage, target, registry), plain);
  const shown = join(root, 'interpreter', 'target');
  mkdirSync(shown, { recursive: true });
  copyFileSync(plain, join(shown, 'unmetered.wasm'));
  const metered = join(work, 'boa.wasm');
  meter(stage, target, plain, metered);
  return readFileSync(metered);
};
