// The README's examples do what the README says.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { withServer } from '../helpers/server.ts';

const exec = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;
const readme = await readFile(join(root, 'README.md'), 'utf8');
const { execute } = withServer(test);

const blocks = (language: string): readonly string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(
    ([, text]) => text ?? '',
  );

test('the curl gets the answer that is printed below it', async (t) => {
  const body = /-d '(\{.*\})'/.exec(readme)?.[1] ?? '';
  const shown = JSON.parse(blocks('json')[0] ?? '') as Record<string, unknown>;
  const answer = await execute(body);
  t.is(answer.code, 200);
  t.deepEqual(Object.keys(answer.body), Object.keys(shown));
  for (const field of ['status', 'result', 'stdout', 'stderr', 'state']) {
    t.deepEqual(answer.body[field], shown[field], field);
  }
  // Each build of the interpreter counts a little otherwise: the figure is to be of the right size.
  const fuel = (body: Record<string, unknown>) => (body['usage'] as { fuel: number }).fuel;
  t.true(Math.abs(fuel(answer.body) / fuel(shown) - 1) < 0.1);
});

test('the embedding example prints what its comment says', async (t) => {
  // Inside the repository, so that the package's own name resolves.
  const folder = await mkdtemp(join(root, 'tests', 'docs', 'readme-'));
  const file = join(folder, 'example.mjs');
  await writeFile(file, blocks('js')[0] ?? '');
  try {
    t.is((await exec(process.execPath, [file])).stdout, '60\n');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the command prints what the script prints', async (t) => {
  const line = /^npm run --silent paddock -- (run --script .*)$/m.exec(readme)?.[1] ?? '';
  const script = /"(.*)"/.exec(line)?.[1] ?? '';
  const { stdout } = await exec(process.execPath, [
    `${root}cli/main.ts`,
    'run',
    '--script',
    script,
  ]);
  t.is(stdout, 'hello world\n');
});
