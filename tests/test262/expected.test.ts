// The list of expected failures: reading, writing, comparing.

import test from 'ava';
import { readFile } from 'node:fs/promises';
import { formatExpected, parseExpected, surprisesOf, type Result } from './expected.ts';

const passed: Result = { path: 'a/passed.js', variant: 'sloppy' };
const failed: Result = { path: 'a/failed.js', variant: 'strict', fault: 'why' };
const isTest = (path: string): boolean =>
  ['a/failed.js', 'a/passed.js', 'a/other.js'].includes(path);

test('no list: every failure is a surprise', (t) => {
  t.deepEqual(surprisesOf([passed, failed], [], isTest), {
    failed: [failed],
    passed: [],
    unknown: [],
  });
});

test('a listed failure is none; a listed pass is one', (t) => {
  const listed = ['a/failed.js strict', 'a/passed.js sloppy'];
  t.deepEqual(surprisesOf([passed, failed], listed, isTest), {
    failed: [],
    passed: [passed],
    unknown: [],
  });
});

test('another variant than the listed one is a surprise', (t) => {
  t.deepEqual(surprisesOf([failed], ['a/failed.js sloppy'], isTest).failed, [failed]);
});

test('a listed test that did not run is none, one that does not exist is a surprise', (t) => {
  const listed = ['a/other.js strict', 'a/gone.js strict'];
  t.deepEqual(surprisesOf([passed], listed, isTest).unknown, ['a/gone.js strict']);
});

test('what is written is read back, and is then no surprise', (t) => {
  const list = parseExpected(formatExpected([passed, failed]));
  t.deepEqual(list, ['a/failed.js strict']);
  t.deepEqual(surprisesOf([passed, failed], list, isTest), { failed: [], passed: [], unknown: [] });
});

test('comments and empty lines are passed over, other lines refused by their number', (t) => {
  t.deepEqual(parseExpected('# a\n\na.js strict # why\n'), ['a.js strict']);
  t.throws(() => parseExpected('a.js strict\na.js'), { message: /line 2/ });
  t.throws(() => parseExpected('a.js lax'), { message: /line 1/ });
});

test('the committed list names its suite, and is in order without repetitions', async (t) => {
  const text = await readFile(new URL('./expected-failures.txt', import.meta.url), 'utf8');
  t.regex(text, /^# Suite: tc39\/test262 at [0-9a-f]{40}\.$/m);
  const list = parseExpected(text);
  t.true(list.length > 0);
  t.deepEqual(list, [...new Set(list)].toSorted());
});
