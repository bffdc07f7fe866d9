// The summary by folder, and the part of a suite that --sample draws.

import test from 'ava';
import { formatReport, formatSurprises, reportOf } from './report.ts';
import { sampleOf } from './sample.ts';
import type { Driven } from './drive.ts';

const driven: Driven = {
  results: [
    { path: 'built-ins/Array/from/a.js', variant: 'sloppy' },
    { path: 'built-ins/Array/of/b.js', variant: 'strict', fault: 'first\n  second' },
    { path: 'language/c.js', variant: 'raw' },
  ],
  skipped: [{ path: 'language/module-code/d.js', reason: 'modules' }],
  features: new Map([['built-ins/Array/of/b.js', ['Array.of', 'Symbol']]]),
};

const report = reportOf(driven, { engine: 'boa-1', fuel: 5, seconds: 0.1 });

test('folders are told apart two deep; skips are in no rate', (t) => {
  t.deepEqual(report.folders, [
    { name: 'built-ins/Array', passed: 1, failed: 1, skipped: 0 },
    { name: 'language', passed: 1, failed: 0, skipped: 0 },
    { name: 'language/module-code', passed: 0, failed: 0, skipped: 1 },
  ]);
  t.deepEqual(report.total, { name: 'all', passed: 2, failed: 1, skipped: 1 });
  t.deepEqual(report.failingFeatures, [
    ['Array.of', 1],
    ['Symbol', 1],
  ]);
});

test('the table says every figure, and says skips loudly', (t) => {
  const text = formatReport(report);
  t.regex(text, /^built-ins\/Array +1 +1 +50\.0 % +0$/m);
  t.regex(text, /^language\/module-code +0 +0 +- +1$/m);
  t.regex(text, /^all +2 +1 +66\.6 % +1$/m);
  t.regex(text, /SKIPPED.*\n1 +modules/);
});

test('a surprise is one line', (t) => {
  const failed = driven.results.filter(({ fault }) => fault !== undefined);
  const text = formatSurprises({ failed, passed: [], unknown: ['x.js raw'] });
  t.deepEqual(text.split('\n'), [
    'FAILED  built-ins/Array/of/b.js strict: first second',
    'UNKNOWN x.js raw, expected to fail, is not in the suite',
  ]);
});

test('a sample depends on its seed alone', (t) => {
  const paths = Array.from({ length: 200 }, (_, index) => `${index}.js`).toSorted();
  const drawn = sampleOf(paths, 20, 1);
  t.is(new Set(drawn).size, 20);
  t.deepEqual(drawn, drawn.toSorted());
  t.deepEqual(sampleOf(paths.toReversed(), 20, 1), drawn);
  t.notDeepEqual(sampleOf(paths, 20, 2), drawn);
  t.deepEqual(sampleOf(paths, 500, 1), paths);
});
