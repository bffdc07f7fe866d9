// The whole runner over our own cases in the suite's layout, as a command: what it prints and how
// it ends.

import test from 'ava';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from './report.ts';

const entry = fileURLToPath(new URL('./run.ts', import.meta.url));
const root = fileURLToPath(new URL('../fixtures/test262', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Little fuel, so that the infinite loop is soon over; memory runs out well before it. */
const run = (...args: readonly string[]): Promise<Ended> => {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const fuel = ['--fuel', '3_000_000_000', '--workers', '1'];
  execFile(process.execPath, [entry, ...args, ...fuel], (error, stdout, stderr) => {
    resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
  });
  return promise;
};

const temporary = async (name: string): Promise<string> =>
  join(await mkdtemp(join(tmpdir(), 'paddock-')), name);

/**
 * What must fail, and how; by the comments in the fixtures. Everything else that runs must pass.
 */
const faults: Readonly<Record<string, RegExp>> = {
  'async/done-twice.js': /after all/,
  'async/done-with-error.js': /AsyncTestFailure:Error: later/,
  'async/never-done.js': /never settles/,
  'async/throws.js': /Test262Error/,
  'fail/assertion.js': /one and one/,
  'fail/include-outside.js': /does not exist/,
  'fail/missing-include.js': /harness\/nowhere\.js does not exist/,
  'fail/no-front-matter.js': /front matter/,
  'fail/strict-only-failure.js': /ReferenceError/,
  'fail/syntax-error.js': /SyntaxError/,
  'fail/unknown-flag.js': /onlyOnTuesdays/,
  'limits/infinite-loop.js': /^OUT_OF_FUEL/,
  'limits/memory.js': /^OUT_OF_MEMORY/,
  'negative/parse-but-thrown.js': /thrown at run time/,
  'negative/parse-but-valid.js': /nothing was thrown/,
  'negative/parse-evaluated.js': /got a test that must not parse/,
  'negative/parse-raw-but-thrown.js': /thrown at run time/,
  'negative/runtime-but-early.js': /before anything ran/,
  'negative/runtime-longer-type.js': /got TypeErrorish/,
  'negative/runtime-other-type.js': /got RangeError/,
};

const onceOnly = /no-front-matter|strict-only|unknown-flag|raw|limits/;

test('every fixture ends as its comment says, in every variant', async (t) => {
  const json = await temporary('report.json');
  const { code, stdout } = await run(root, '--json', json);
  t.is(code, 1);
  const report = JSON.parse(await readFile(json, 'utf8')) as Report;
  const failed = new Map(Map.groupBy(report.failures, ({ path }) => path));
  t.deepEqual([...failed.keys()].toSorted(), Object.keys(faults).toSorted());
  for (const [path, runs] of failed) {
    t.is(runs.length, onceOnly.test(path) ? 1 : 2, path);
    for (const { fault } of runs) t.regex(fault ?? '', faults[path] ?? /^$/, path);
  }
  t.is(failed.get('fail/strict-only-failure.js')?.[0]?.variant, 'strict');
  t.is(report.folders.find(({ name }) => name === 'pass')?.failed, 0);
  t.is(report.folders.find(({ name }) => name === 'variants')?.passed, 3);
  t.is(report.total.skipped, 6);
  t.regex(stdout, /SKIPPED[\s\S]*2 +modules/);
  t.regex(stdout, /^FAILED {2}fail\/assertion\.js sloppy: /m);
});

test('an expected failure is no surprise; an unexpected pass or unknown name is', async (t) => {
  const list = await temporary('expected.txt');
  const written = await run(root, '--write-expect', list);
  t.is(written.code, 0);
  t.is((await run(root, '--expect', list)).code, 0);
  t.is((await run(`${root}/test/fail`, '--expect', list)).code, 0);
  const lines = await readFile(list, 'utf8');
  await writeFile(list, `${lines}pass/plain.js strict\npass/gone.js strict\n`);
  const surprised = await run(root, '--expect', list);
  t.is(surprised.code, 1);
  t.regex(surprised.stdout, /^PASSED {2}pass\/plain\.js strict/m);
  t.regex(surprised.stdout, /^UNKNOWN pass\/gone\.js strict/m);
  await writeFile(list, lines.replace('fail/assertion.js strict\n', ''));
  t.regex((await run(root, '--expect', list)).stdout, /^FAILED {2}fail\/assertion\.js strict/m);
});

test('a filter, a sample, staging and features', async (t) => {
  t.is((await run(root, '--filter', '^(pass|variants)/')).code, 0);
  t.is((await run(`${root}/test/variants`)).code, 0);
  t.regex((await run(root, '--filter', 'staging', '--staging')).stdout, /^all +2 +0/m);
  const skipped = await run(
    root,
    '--filter',
    'assertion',
    '--skip-features',
    'impossible-arithmetic',
  );
  t.regex(skipped.stdout, /^all +0 +0 +- +1$/m);
});

test('a strict failure alone makes the run fail', async (t) => {
  t.is((await run(root, '--filter', 'strict-only-failure')).code, 1);
});

test('--help explains the options', async (t) => {
  const { code, stdout } = await run('--help');
  t.is(code, 0);
  for (const option of ['--filter', '--expect', '--write-expect', '--json']) {
    t.true(stdout.includes(option));
  }
});

const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [[], /expected one DIR/],
  [['/'], /test\/ and harness\//],
  [[root, '--filter', 'nothing-is-called-so'], /no test matches/],
  [[root, '--sample', '-3'], /sample/],
  [[root, '--tempo', '3'], /tempo/],
  [[root, '--expect', '/nowhere'], /nowhere/],
  [[root, '--manifest', '/nowhere'], /nowhere/],
  [[root, '--expect', 'a', '--write-expect', 'b'], /exclude/],
];

for (const [args, says] of wrong) {
  test(`cannot run: ${args.join(' ').replace(root, 'DIR')}`, async (t) => {
    const { code, stderr } = await run(...args);
    t.is(code, 2);
    t.regex(stderr, says);
  });
}
