// What the commonest mistakes are told: the message names what is wrong and what to do.

import test from 'ava';
import { failureOf, resultOf, withEngine } from '../helpers/engine.ts';

const { evaluate } = withEngine(test);

const awaited =
  'SyntaxError: `await` is for async functions; ' +
  'a promise that a script ends with is awaited anyway';
const moduleItem =
  'SyntaxError: `import` and `export` declarations belong to modules, and a script is none';

for (const [script, message] of [
  ['await f()', `${awaited} at line 1, col 1`],
  ['const x = await f();', `${awaited} at line 1, col 11`],
  ['function g() {\n  return 1 + await 5;\n}', `${awaited} at line 2, col 14`],
  ['[await new Promise(() => {})]', `${awaited} at line 1, col 2`],
  ['import x from "fs"', `${moduleItem} at line 1, col 1`],
  ['1;\nexport const a = 1', `${moduleItem} at line 2, col 1`],
  ['export default 1', `${moduleItem} at line 1, col 1`],
  ['for (;;)', 'SyntaxError: unexpected end of the source'],
  ['console.profile()', 'TypeError: undefined is not a function'],
  ['null()', 'TypeError: null is not a function'],
  ['"x"(...[])', 'TypeError: string is not a function'],
  ['({})()', 'TypeError: the object is not a function'],
  ['var o = {}; o.a.b', "TypeError: cannot read 'b' of undefined"],
  ['null[3]', 'TypeError: cannot read 3 of null'],
  ['null[{}]', 'TypeError: cannot read a property of null'],
  ['null["x".repeat(1e6)]', 'TypeError: cannot read a property of null'],
  ['var u; u.a = 1', "TypeError: cannot set 'a' of undefined"],
  ['null["a" + 1] = 1', "TypeError: cannot set 'a1' of null"],
  ['new (void 0)()', 'TypeError: undefined is not a constructor'],
  ['new (() => 1)()', 'TypeError: not a constructor'],
  ['var eval = 5; eval("1")', 'TypeError: number is not a function'],
  [
    'Temporal.PlainDate.compare("x", "y")',
    'RangeError: Invalid character while parsing year value.',
  ],
] as const) {
  test(script, async (t) => {
    t.is(failureOf(await evaluate({ script })), `RUNTIME_ERROR ${message}`);
  });
}

for (const script of [
  'var await = 7; await',
  'var await = 14; await / 2',
  'var await = { x: 7 }; `${await.x}` * 1',
  'var y; for (await of [7]) y = await; y',
  'var await = (x) => x; await (7)',
  'await: for (;;) break await; 7',
  '(await => await)(7)',
  '(async () => await 7)()',
  '((async) => { async; return 7 })()',
]) {
  test(`where await is a name, it stays one: ${script}`, async (t) => {
    t.is(resultOf(await evaluate({ script })), 7);
  });
}

test('the stack that a script reads begins with its own frames and ends with them', async (t) => {
  const script = 'function f() {\n  return new Error("x").stack;\n}\nf()';
  const stack = '    at f (script:2:10)\n    at <main> (script:4:2)';
  t.is(resultOf(await evaluate({ script })), stack);
});
