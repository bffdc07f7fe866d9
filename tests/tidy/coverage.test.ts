// Every source has a test that mirrors it, and limits live in one file: over the repository, and on
// examples that break the rules.

import test from 'ava';
import { missingMirrors } from './rules/mirrors.ts';
import { numbersExcused, strayLimits } from './rules/numbers.ts';
import { allFiles, typeScriptFiles } from './sources.ts';
import { unmirrored } from './unmirrored.ts';

const file = (path: string, text: string) => ({ path, text });

const mirrorFiles = [
  file('contract/a.ts', ''),
  file('runtime/engine/b.ts', ''),
  file('tests/runtime/engine/b.test.ts', "import '../../helpers/start.ts'"),
  file('tests/helpers/start.ts', "import '../../cli/c.ts'; import type {} from '../../cli/d.ts'"),
  file('cli/c.ts', ''),
  file('cli/d.ts', ''),
];
const by = 'tests/runtime/engine/b.test.ts';
const excuses = {
  'contract/a.ts': { because: 'types' },
  'cli/c.ts': { by },
  'cli/d.ts': { because: 'types' },
};

test('a source without a test is found', (t) => {
  t.deepEqual(missingMirrors(mirrorFiles, excuses), []);
  const fewer = { 'cli/c.ts': excuses['cli/c.ts'], 'cli/d.ts': excuses['cli/d.ts'] };
  t.deepEqual(missingMirrors(mirrorFiles, fewer), [
    'contract/a.ts: tests/contract/a.test.ts is missing',
  ]);
});

test('an excuse that does not hold is found', (t) => {
  const wrong = (path: string, excuse: { by: string } | { because: string }) =>
    missingMirrors(mirrorFiles, { ...excuses, [path]: excuse });
  t.deepEqual(wrong('cli/gone.ts', { because: 'x' }), ['cli/gone.ts: its excuse is stale']);
  t.deepEqual(wrong('runtime/engine/b.ts', { by }), ['runtime/engine/b.ts: its excuse is stale']);
  t.deepEqual(wrong('cli/d.ts', { by }), [`cli/d.ts: ${by} does not reach it`]);
  t.is(wrong('cli/c.ts', { by: 'tests/gone.test.ts' }).length, 1);
});

const stray = [
  'const bytesMax = 5;',
  'const options = { timeoutMs: 30 };',
  'setTimeout(f, 5000);',
  'const big = 1_000_000n;',
  'if (text.length > 65536) refuse();',
];

for (const text of stray) {
  test(`a limit outside contract/limits.ts: ${text}`, (t) => {
    t.is(strayLimits(file('runtime/http/a.ts', text)).length, 1);
    t.deepEqual(strayLimits(file('contract/limits.ts', text)), []);
  });
}

test('small numbers, code points and computed bounds are no limits', (t) => {
  const text =
    'const a = 8; const c = 0xd800; const bytesMax = limits.bytesMax; const s = { id: 1 };';
  t.deepEqual(strayLimits(file('runtime/http/a.ts', text)), []);
});

test('limits live in contract/limits.ts', (t) => {
  t.deepEqual(typeScriptFiles.flatMap(strayLimits), []);
});

test('every excused number is still there', (t) => {
  const stale = Object.keys(numbersExcused).filter((excuse) => {
    const [path, number = ''] = excuse.split(' ');
    return !allFiles.some((each) => each.path === path && each.text.includes(number));
  });
  t.deepEqual(stale, []);
});

test('every source has a test that mirrors it', (t) => {
  t.deepEqual(missingMirrors(typeScriptFiles, unmirrored), []);
});
