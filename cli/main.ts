#!/usr/bin/env node
// The command: says when its Node is too old, then loads the rest, compiled where that was kept.

import { readFileSync } from 'node:fs';
import { isNewEnough, keepCompiled } from './node.ts';

const { version, engines } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string; engines: { node: string } };

// An older Node would only name a word of a file that it cannot read.
if (!isNewEnough(process.versions.node, engines.node)) {
  const found = `this is ${process.versions.node}`;
  process.stderr.write(`paddock: expected Node ${engines.node}, ${found}\n`);
  process.exit(2);
}

keepCompiled(process.env);
const { main } = await import('./program.ts');
await main(version);
