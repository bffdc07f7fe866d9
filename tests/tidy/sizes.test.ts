// Sizes of files, lines and functions, and where `unsafe` may be: over the repository, and on
// examples that break the rules.

import test from 'ava';
import { rustFunctionSize, unsafeRust } from './rules/rust.ts';
import { fileSize, functionSize, lineWidth, sizes } from './rules/sizes.ts';
import { codeFiles, typeScriptFiles } from './sources.ts';

const file = (path: string, text: string) => ({ path, text });
const lines = (count: number, line = '  a();') => `${line}\n`.repeat(count);

test('a file of one line too many is refused', (t) => {
  t.deepEqual(fileSize(file('a.ts', lines(sizes.fileLinesMax))), []);
  t.is(fileSize(file('a.ts', lines(sizes.fileLinesMax + 1))).length, 1);
});

test('a line of one column too many is refused; a long address cannot be broken', (t) => {
  t.deepEqual(lineWidth(file('a.ts', 'ü'.repeat(sizes.columnsMax))), []);
  t.deepEqual(lineWidth(file('a.ts', `x\n${'x'.repeat(101)}`)), [
    'a.ts:2: 101 columns, at most 100',
  ]);
  t.deepEqual(lineWidth(file('a.ts', `// https://example.com/${'x'.repeat(100)}`)), []);
});

const long = lines(sizes.functionLinesMax - 1);

const longFunctions = [
  `\nfunction f() {\n${long}}\n`,
  `\nconst f = () => {\n${long}};\n`,
  `\nclass A {\nm() {\n${long}}\n}\n`,
  `\nclass A {\nconstructor() {\n${long}}\n}\n`,
  `\nconst a = {\nasync *m() {\n${long}}\n};\n`,
  `\nconst a = {\nget m() {\n${long}}\n};\n`,
];

for (const text of longFunctions) {
  test(`a function of one line too many is refused: ${text.slice(0, 24).trim()}`, (t) => {
    t.regex(functionSize(file('a.ts', text))[0] ?? '', /^a\.ts:[23]: a function of 71 lines/);
  });
}

test('comments within a function are free, and so is one line less', (t) => {
  t.deepEqual(functionSize(file('a.ts', `const f = () => {\n// why\n${long.slice(7)}};\n`)), []);
});

const rust = (count: number, indent: string, head: string) =>
  `${indent}${head} {\n${lines(count - 2, `${indent}    a();`)}${indent}}\n`;

const rustHeads: readonly (readonly [indent: string, head: string])[] = [
  ['', 'fn f()'],
  ['    ', 'pub(crate) const fn f(&self)'],
  ['    ', 'pub unsafe extern "C" fn f(\n        a: u8,\n    ) -> u8'],
];

for (const [indent, head] of rustHeads) {
  test(`a Rust function of one line too many is refused: ${head}`, (t) => {
    const headLines = head.split('\n').length;
    const max = sizes.functionLinesMax - headLines + 1;
    t.deepEqual(rustFunctionSize(file('a.rs', rust(max, indent, head))), []);
    t.is(rustFunctionSize(file('a.rs', rust(max + 1, indent, head))).length, 1);
  });
}

test('`unsafe` is refused outside the file of the ABI', (t) => {
  const text = 'fn a() {\n    unsafe { b() }\n}\n';
  t.is(unsafeRust(file('interpreter/boa/src/clock.rs', text)).length, 1);
  t.is(unsafeRust(file('interpreter/meter/src/lib.rs', '#![allow(unsafe_code)]')).length, 1);
  t.is(unsafeRust(file('interpreter/boa/build.rs', 'unsafe impl Send for A {}')).length, 1);
  t.deepEqual(unsafeRust(file('interpreter/boa/src/abi.rs', text)), []);
  t.deepEqual(
    unsafeRust(file('a.rs', '#![forbid(unsafe_code)] // no unsafe\nlet a = "unsafe";')),
    [],
  );
});

test('no file of the repository is too long', (t) => {
  t.deepEqual(codeFiles.flatMap(fileSize), []);
});

test('no line of the repository is too wide', (t) => {
  t.deepEqual(codeFiles.flatMap(lineWidth), []);
});

test('no function of the repository is too long', (t) => {
  t.deepEqual(
    [...typeScriptFiles.flatMap(functionSize), ...codeFiles.flatMap(rustFunctionSize)],
    [],
  );
});

test('`unsafe` is in the file of the ABI alone', (t) => {
  t.deepEqual(codeFiles.flatMap(unsafeRust), []);
});
