// Every source has a test that mirrors it, and limits live in one file: over the repository, and on
// examples that break the rules.

import test from 'ava';
import { missingMirrors, type Unmirrored } from './rules/mirrors.ts';
import { numbersExcused, strayLimits } from './rules/numbers.ts';
import { allFiles, allPaths, typeScriptFiles } from './sources.ts';

const file = (path: string, text: string) => ({ path, text });

/** Sources without a test of their own, each with its reason. */
const unmirrored: Unmirrored = {
  'contract/annotate.ts': 'what it carries is read and tested by schema.test.ts',
  'runtime/engine/call.ts': 'types, and an output that does nothing',
  'runtime/worker/protocol.ts': 'types of messages',
  'runtime/http/context.ts': 'types of what middlewares share',
};

test('a source without a test, and an excuse that is stale, are found', (t) => {
  const paths = [
    'contract/a.ts',
    'runtime/engine/b.ts',
    'tests/runtime/engine/b.test.ts',
    'cli/c.ts',
  ];
  t.deepEqual(missingMirrors(paths, { 'cli/c.ts': 'why' }), [
    'contract/a.ts: tests/contract/a.test.ts is missing',
  ]);
  t.is(missingMirrors(paths, { 'contract/a.ts': '', 'cli/c.ts': '', 'cli/gone.ts': '' }).length, 1);
  const excusedInVain = { 'contract/a.ts': '', 'cli/c.ts': '', 'runtime/engine/b.ts': '' };
  t.is(missingMirrors(paths, excusedInVain).length, 1);
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
  t.deepEqual(missingMirrors(allPaths, unmirrored), []);
});
