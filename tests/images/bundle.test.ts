// The bundles that the images hold, started as they are: what they lack of the tree shows at once.

import test from 'ava';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../scripts/images/bundle.ts';

const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };

for (const target of ['runtime', 'router'] as const) {
  test(`${target}: the command starts`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'paddock-bundle-'));
    t.teardown(() => {
      rmSync(folder, { recursive: true });
    });
    await bundle(target, folder);
    const said = execFileSync(process.execPath, [join(folder, 'paddock.js'), '--version']);
    t.is(String(said).trim(), version);
  });
}
