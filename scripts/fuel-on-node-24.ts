// Fuel is one number on every Node version: runs the fuel test under Node 24, which comes from npm.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './interpreter/build.ts';
import { run } from './interpreter/run.ts';
import { root } from './interpreter/sources.ts';

const version = '24.21.0';
const folder = join(cacheFolder, `node-${version}`);
const name = `node-${process.platform}-${process.arch}`;
const node = join(folder, 'node_modules', name, 'bin', 'node');

if (!existsSync(node)) {
  run('npm', ['install', '--no-save', '--no-audit', '--prefix', folder, `${name}@${version}`]);
}
run(node, ['node_modules/ava/entrypoints/cli.mjs', 'tests/interpreter/fuel-exact.test.ts'], {
  cwd: root,
});
