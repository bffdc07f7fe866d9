// Fuel is one number on every Node version and compiler tier: probes under Node 24, which comes
// from npm, and under this Node, and compares.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './interpreter/build.ts';
import { read, run } from './interpreter/run.ts';
import { root } from './interpreter/sources.ts';

const version = '24.21.0';
const folder = join(cacheFolder, `node-${version}`);
const name = `node-${process.platform}-${process.arch}`;
const older = join(folder, 'node_modules', name, 'bin', 'node');
const tiers: readonly (readonly string[])[] = [
  [],
  ['--liftoff-only'],
  ['--no-liftoff', '--wasm-lazy-compilation'],
];

if (!existsSync(older)) {
  run('npm', ['install', '--no-save', '--no-audit', '--prefix', folder, `${name}@${version}`]);
}

const probe = join(root, 'tests', 'interpreter', 'fuel-probe.ts');
const expected = read(process.execPath, [probe, '5']);
for (const node of [process.execPath, older]) {
  const which = read(node, ['--version']);
  for (const flags of tiers) {
    const same = read(node, [...flags, probe, '5']) === expected;
    process.stdout.write(`${which} ${flags.join(' ')}: ${same ? 'the same fuel' : 'OTHER FUEL'}\n`);
    if (!same) process.exitCode = 1;
  }
}
