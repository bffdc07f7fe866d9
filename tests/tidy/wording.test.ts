// Words, names, openings and links: over the repository, and on examples that break the rules.

import test from 'ava';
import { deadLinks, deadTests } from './rules/links.ts';
import { openingComment } from './rules/opening.ts';
import {
  bannedWords,
  emptyPathNames,
  machinePaths,
  unfinishedWork,
  wordsInstead,
} from './rules/wording.ts';
import { allFiles, allPaths, codeFiles } from './sources.ts';

const file = (path: string, text: string) => ({ path, text });

test('marks of unfinished work are found', (t) => {
  for (const mark of ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX']) {
    t.is(unfinishedWork(file('a.ts', `a();\n// ${mark}: later`)).length, 1);
    t.is(unfinishedWork(file('a.md', mark)).length, 1);
  }
  t.deepEqual(unfinishedWork(file('a.ts', 'const todos = 1')), []);
});

test('paths of one machine are found, web addresses and routes are not', (t) => {
  t.is(machinePaths(file('a.md', ['see ', 'work', 'main'].join('/'))).length, 1);
  t.is(machinePaths(file('a.ts', `'${['', 'root', '.cargo'].join('/')}'`)).length, 1);
  t.deepEqual(machinePaths(file('a.md', 'https://example.com/work/x and ./work/x')), []);
});

for (const [word, instead] of Object.entries(wordsInstead)) {
  test(`${word} is written as ${instead}`, (t) => {
    t.is(bannedWords(file('a.ts', `const a = 1; // the ${word}s`)).length, 1);
    t.is(bannedWords(file('a.ts', `const ${word} = 1;`)).length, 1);
  });
}

test('longer words and names of products may hold a banned word', (t) => {
  t.deepEqual(bannedWords(file('a.ts', 'isolated-vm; gasket; isolates_of; // isolate-x')), []);
});

test('names that say nothing are refused, as a file or as a folder', (t) => {
  const empty = [
    'runtime/utils.ts',
    'cli/helpers/a.ts',
    'contract/common.ts',
    'a/types/b.ts',
    'misc',
  ];
  t.deepEqual(emptyPathNames(empty), empty);
  t.deepEqual(emptyPathNames(['tests/helpers/server.ts', 'runtime/commons.ts']), []);
  t.is(emptyPathNames(['tests/helpers/utils.ts']).length, 1);
});

test('a file that does not say what it is is refused', (t) => {
  const bad = [
    file('a.ts', "import 'x';\n// What this file is for."),
    file('a.ts', '#!/usr/bin/env node\nmain();'),
    file('a.ts', '// Limits\n'),
    file('a.ts', '// eslint-disable no-eval, for this file\n'),
    file('a.ts', ''),
    file('a.rs', 'use std::fs;\n'),
    file('.ci/run', '#!/bin/sh\nset -e\n'),
  ];
  t.is(bad.flatMap(openingComment).length, bad.length);
});

test('an opening comment passes in each language', (t) => {
  const good = [
    file('a.ts', '#!/usr/bin/env node\n// The command line: parses arguments.\n'),
    file('a.ts', '/** The command line parses arguments. */\n'),
    file('a.rs', '//! The clock stands still.\n'),
    file('.ci/run', '#!/bin/sh\n# What the gate runs.\n'),
    file('a.json', '{}'),
  ];
  t.deepEqual(good.flatMap(openingComment), []);
});

test('dead links are found', (t) => {
  const readme = file('docs/a.md', '# The design\n');
  const dead = (text: string) =>
    deadLinks(file('docs/b.md', text), [readme], ['docs/a.md', 'LICENSE']);
  t.is(dead('[a](c.md)').length, 1);
  t.is(dead('[a](../docs/c.md "title")').length, 1);
  t.is(dead('see [a][1]\n\n[1]: c.md').length, 1);
  t.is(dead('[a](a.md#the-end)').length, 1);
  t.is(dead('![a](a.png)').length, 1);
  const alive = '[a](a.md) [b](a.md#the-design) [c](../LICENSE) [d](https://x.y/z) `[e](f.md)`';
  t.deepEqual(dead(`${alive} [g](/docs/a.md) [h](../docs/)\n\`\`\`\n[i](j.md)\n\`\`\``), []);
});

test('a test that a page names and that is gone is found', (t) => {
  const dead = (text: string) => deadTests(file('docs/a.md', text), ['tests/a/b.test.ts']);
  t.is(dead('shown by `tests/a/c.test.ts`').length, 1);
  t.is(dead('`tests/c/`, `tests/a/b.test.ts`').length, 1);
  t.deepEqual(dead('`tests/a/b.test.ts`, `tests/a/`, `tests/*.json`'), []);
});

test('the repository holds no unfinished work', (t) => {
  t.deepEqual(allFiles.flatMap(unfinishedWork), []);
});

test('the repository names no path of one machine', (t) => {
  t.deepEqual(allFiles.flatMap(machinePaths), []);
});

test('the code keeps to one word for one thing', (t) => {
  // The list of banned words and the examples above name them; the benchmark calls what others
  // have named.
  const listed = /^tests\/(?:tidy|bench)\//;
  t.deepEqual(codeFiles.filter(({ path }) => !listed.test(path)).flatMap(bannedWords), []);
});

test('no file or folder of the repository has a name that says nothing', (t) => {
  t.deepEqual(emptyPathNames(allPaths), []);
});

test('every source file says what it is', (t) => {
  t.true(codeFiles.length > 50);
  t.deepEqual(codeFiles.flatMap(openingComment), []);
});

test('every link of the documentation leads somewhere', (t) => {
  const pages = allFiles.filter(({ path }) => path.endsWith('.md'));
  t.true(pages.length > 0);
  t.deepEqual(
    pages.flatMap((page) => deadLinks(page, allFiles, allPaths)),
    [],
  );
  t.deepEqual(
    pages.flatMap((page) => deadTests(page, allPaths)),
    [],
  );
});
