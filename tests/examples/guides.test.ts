// The guides' examples print what the guides show.

import test from 'ava';
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;
const folder = join(root, 'docs', 'guides');

for (const name of await readdir(folder)) {
  test(`docs/guides/${name}`, async (t) => {
    const guide = await readFile(join(folder, name), 'utf8');
    const command = /^```sh\nnpx node (\S+)\n```$/m.exec(guide)?.[1] ?? '';
    const shown = /^```text\n([^]*?)^```$/m.exec(guide)?.[1];
    const { stdout, stderr } = await exec(process.execPath, [command], { cwd: root });
    t.is(stdout, shown ?? '');
    t.is(stderr, '');
  });
}
