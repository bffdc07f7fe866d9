// The import law, cycles, purity and banned imports: over the repository, and on examples that
// break them.

import test from 'ava';
import { bannedImports, codeFromStrings, environment } from './rules/confinement.ts';
import { cycles } from './rules/cycles.ts';
import { importLaw } from './rules/import-law.ts';
import { importsOf } from './rules/imports.ts';
import { mustBePure, purity } from './rules/purity.ts';
import { allPaths, typeScriptFiles } from './sources.ts';

const file = (path: string, text: string) => ({ path, text });

test('imports are seen in every form that they take', (t) => {
  const text = [
    "import a, { b } from './a.ts';",
    "import type { C } from './c.ts';",
    "export { d } from '../d.ts';",
    "export type { D } from '../d.ts';",
    "const e = await import('node:e');",
    "let f: import('./f.ts').F;",
    "new Worker(new URL('./g.ts', import.meta.url));",
    "new URL('./data.json', import.meta.url); // import './not.ts'",
  ].join('\n');
  t.deepEqual(
    importsOf(file('x/y/z.ts', text)).map(({ target, typeOnly }) => [target, typeOnly]),
    [
      ['x/y/a.ts', false],
      ['x/y/c.ts', true],
      ['x/d.ts', false],
      ['x/d.ts', true],
      [undefined, false],
      ['x/y/f.ts', true],
      ['x/y/g.ts', false],
    ],
  );
});

const unlawful: readonly (readonly [path: string, text: string])[] = [
  ['contract/request.ts', "import '../runtime/index.ts'"],
  ['contract/request.ts', "import '../telemetry/log.ts'"],
  ['contract/request.ts', "import type { A } from '../runtime/index.ts'"],
  ['telemetry/log.ts', "import '../runtime/index.ts'"],
  ['router/forward.ts', "import '../runtime/index.ts'"],
  ['operator/status.ts', "import '../router/ring.ts'"],
  ['runtime/http/app.ts', "import '../../operator/status.ts'"],
  ['runtime/http/app.ts', "import '../../cli/main.ts'"],
  ['runtime/http/app.ts', "import '../../tests/helpers/x.ts'"],
  ['cli/run.ts', "import '../runtime/worker/pool.ts'"],
  ['cli/run.ts', "await import('../runtime/worker/pool.ts')"],
  ['cli/run.ts', "import '../tests/x.ts'"],
  ['runtime/engine/slot.ts', "import '../sandbox/store.ts'"],
  ['runtime/engine/slot.ts', "import type { T } from '../sandbox/store.ts'"],
  ['runtime/sandbox/store.ts', "import '../worker/pool.ts'"],
  ['runtime/worker/pool.ts', "import '../index.ts'"],
  ['runtime/worker/pool.ts', "import '../http/app.ts'"],
  ['runtime/http/app.ts', "import '../server.ts'"],
  ['runtime/http/app.ts', "import { createEngine } from '../index.ts'"],
  ['runtime/index.ts', "import './http/app.ts'"],
  ['runtime/newcomer.ts', "import './engine/slot.ts'"],
  ['examples/shop/app.ts', "import '../../runtime/index.ts'"],
];

for (const [path, text] of unlawful) {
  test(`unlawful: ${text} in ${path}`, (t) => {
    t.is(importLaw(file(path, text)).length, 1);
  });
}

test('lawful imports pass', (t) => {
  const lawful = [
    file('runtime/http/app.ts', "import type { Engine } from '../index.ts'"),
    file('runtime/http/app.ts', "import '../../contract/limits.ts'; import 'koa'"),
    file('runtime/server.ts', "import './http/app.ts'; import '../telemetry/log.ts'"),
    file('runtime/worker/entry.ts', "import '../sandbox/store.ts'; import '../engine/slot.ts'"),
    file('cli/run.ts', "import '../runtime/index.ts'; import './progress.ts'"),
    file('tests/x.test.ts', "import '../runtime/worker/pool.ts'"),
    file('examples/shop/app.ts', "import '@paddock-sandbox/paddock'; import './shop.ts'"),
  ];
  t.deepEqual(lawful.flatMap(importLaw), []);
});

test('cycles are found, also long ones and through types', (t) => {
  const found = cycles([
    file('a/a.ts', "import './b.ts'; import './d.ts'"),
    file('a/b.ts', "import type { C } from './c.ts'"),
    file('a/c.ts', "export * from './a.ts'"),
    file('a/d.ts', "import './b.ts'"),
  ]);
  t.deepEqual(found, ['a/a.ts -> a/b.ts -> a/c.ts -> a/a.ts']);
});

const impure = [
  "import { readFileSync } from 'node:fs';",
  "import { Worker } from 'node:worker_threads';",
  "const timers = await import('node:timers');",
  'const now = Date.now();',
  'const now = new Date();',
  'const luck = Math.random();',
  'const { env } = process;',
  'setTimeout(() => undefined, 1);',
  "const it = { fetch: fetch('x') };",
];

for (const text of impure) {
  test(`impure: ${text}`, (t) => {
    t.not(purity(file('contract/request.ts', text)).length, 0);
  });
}

test('what only shares a name with an effect is pure', (t) => {
  const text = 'interface A { process: number }; const a = { Date: 1 }; a.Date; b.process;';
  t.deepEqual(purity(file('contract/a.ts', text)), []);
  t.false(mustBePure('runtime/worker/pool.ts'));
});

const confined: readonly (readonly [rule: typeof environment, path: string, text: string])[] = [
  [environment, 'runtime/server.ts', 'const port = process.env.PORT'],
  [environment, 'runtime/server.ts', "const port = globalThis.process.env['PORT']"],
  [environment, 'router/index.ts', 'const { env } = process;'],
  [environment, 'router/index.ts', "import { env as e } from 'node:process';"],
  [bannedImports, 'runtime/engine/slot.ts', "import { WASI } from 'node:wasi'"],
  [bannedImports, 'tests/bench/bench.ts', "import { WASI } from 'node:wasi'"],
  [bannedImports, 'runtime/engine/slot.ts', "const vm = await import('node:vm')"],
  [codeFromStrings, 'runtime/engine/slot.ts', "new Function('return 1')"],
  [codeFromStrings, 'cli/run.ts', 'globalThis.eval(code)'],
];

for (const [rule, path, text] of confined) {
  test(`confined: ${text} in ${path}`, (t) => {
    t.is(rule(file(path, text)).length, 1);
  });
}

test('cli/ reads the environment, and the benchmark compares with node:vm', (t) => {
  t.deepEqual(environment(file('cli/serve.ts', 'process.env.PORT')), []);
  t.deepEqual(bannedImports(file('tests/bench/naive.ts', "import 'node:vm'")), []);
});

test('the repository keeps the import law', (t) => {
  t.deepEqual(typeScriptFiles.flatMap(importLaw), []);
});

test('the repository has no import cycles', (t) => {
  t.deepEqual(cycles(typeScriptFiles), []);
});

test('every relative import of the repository names a file', (t) => {
  const dead = typeScriptFiles.flatMap((each) =>
    importsOf(each)
      .filter(({ target }) => target !== undefined && !allPaths.includes(target))
      .map(({ target }) => `${each.path}: ${String(target)}`),
  );
  t.deepEqual(dead, []);
});

test('the files that decide are pure', (t) => {
  t.true(typeScriptFiles.filter(({ path }) => mustBePure(path)).length > 3);
  t.deepEqual(typeScriptFiles.flatMap(purity), []);
});

test('the environment, WASI and code from strings stay where they are allowed', (t) => {
  const rules = [environment, bannedImports, codeFromStrings];
  t.deepEqual(
    typeScriptFiles.flatMap((each) => rules.flatMap((rule) => rule(each))),
    [],
  );
});
