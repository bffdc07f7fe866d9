// The meaning of init_script, script, input, time, randomness and results, through the real
// interpreter.

import test from 'ava';
import { failureOf, resultOf, withEngine } from '../helpers/engine.ts';

const { evaluate } = withEngine(test);

const evaluates = test.macro({
  async exec(t, script: string, expected: unknown) {
    t.deepEqual(resultOf(await evaluate({ script })), expected);
  },
  title: (given, script: string) => given ?? script,
});

const fails = test.macro({
  async exec(t, script: string, expected: RegExp) {
    t.regex(failureOf(await evaluate({ script })), expected);
  },
  title: (given, script: string) => given ?? script,
});

test(evaluates, '1 + 1', 2);
test(evaluates, 'undefined', null);
test(evaluates, '(() => 1)', null);
test(evaluates, 'NaN', null);
test(evaluates, '-0', 0);
test(evaluates, 'var x = 5; x * 2', 10);
test(evaluates, '({ toJSON: () => "mine" })', 'mine');
test(evaluates, 'Promise.resolve(1).then((x) => x + 1)', 2);
test(evaluates, '(async () => { await null; return [1]; })()', [1]);
test(evaluates, 'new Promise((resolve) => setTimeout(resolve, 1000, "later"))', 'later');
test(evaluates, 'JSON.stringify = () => "1"; JSON = null; ({ a: 1 })', { a: 1 });
test(evaluates, 'Object.prototype.toJSON = undefined; [1]', [1]);
test(evaluates, '"\\ud800"', '\ud800');
test(evaluates, 'new Date(0).getTimezoneOffset()', 0);
test(evaluates, 'this === globalThis', true);
test(evaluates, 'typeof Temporal.Now.instant()', 'object');
test(evaluates, 'structuredClone(new Map([[1, { a: 2 }]])).get(1).a', 2);
test(evaluates, 'atob(btoa("abc"))', 'abc');
test(evaluates, 'new TextDecoder().decode(new TextEncoder().encode("é"))', 'é');
test(evaluates, 'new URL("https://a.b/c?d=e").searchParams.get("d")', 'e');
test(evaluates, 'Math.f16round(1.337) !== 1.337', true);
test(evaluates, 'escape("ü") + "abc".substr(1, 1)', '%FCb');
test(
  'microtasks come before timers, timers in order of time, then of making',
  evaluates,
  `var log = [];
   setTimeout(() => log.push('t2'), 2); setTimeout(() => log.push('t1'), 1);
   setTimeout(() => log.push('t1b'), 1);
   queueMicrotask(() => log.push('m')); log.push('s');
   new Promise((resolve) => setTimeout(() => resolve(log), 10))`,
  ['s', 'm', 't1', 't1b', 't2'],
);

test(fails, 'null.x', /^RUNTIME_ERROR TypeError: /);
test(fails, 'throw new RangeError("mine")', /^RUNTIME_ERROR RangeError: mine$/);
test(fails, 'throw 5', /^RUNTIME_ERROR .*5/);
test(fails, 'let let', /^RUNTIME_ERROR SyntaxError: /);
test(fails, '1n', /^RUNTIME_ERROR TypeError: /);
test(fails, 'var a = []; a.push(a); a', /^RUNTIME_ERROR TypeError: /);
test(fails, 'new Promise(() => {})', /^RUNTIME_ERROR .*never/);
test(fails, 'Promise.reject(new Error("nobody")); 1', /^RUNTIME_ERROR Error: nobody/);
test(fails, '(async () => { throw new TypeError("late"); })()', /^RUNTIME_ERROR TypeError: late/);
test(fails, '"x".repeat(2 ** 20)', /^RUNTIME_ERROR RangeError: the result is 1048578 bytes/);

test('let, const and class of a script die with the call; var and functions persist', async (t) => {
  const sandbox_id = 'scoping';
  const script =
    'const c = 1; let l = 2; class K {} var v = (globalThis.v ?? 0) + 1; function f() {} v';
  for (const expected of [1, 2, 3])
    t.is(resultOf(await evaluate({ sandbox_id, script })), expected);
  const kinds = await evaluate({ sandbox_id, script: '[typeof c, typeof l, typeof K, typeof f]' });
  t.deepEqual(resultOf(kinds), ['undefined', 'undefined', 'undefined', 'function']);
});

test('let, const and class of init_script persist', async (t) => {
  const init_script = 'const c = 1; let l = 2; class K { static k = 3; }';
  const script = 'l++; [c, l, K.k]';
  for (const expected of [3, 4]) {
    const outcome = await evaluate({ sandbox_id: 'init', init_script, script });
    t.deepEqual(resultOf(outcome), [1, expected, 3]);
  }
});

test('what an init_script is worth as a value is not looked at', async (t) => {
  for (const value of [
    'globalThis.self = globalThis',
    'total = 1n',
    'log = { get a() { throw 1 } }',
    'table = "x".repeat(2e6)',
    'Promise.resolve(1n)',
  ]) {
    t.is(resultOf(await evaluate({ init_script: `var n = 1;\n${value}`, script: 'n' })), 1, value);
  }
  const init_script = 'Promise.reject(new Error("not ready"))';
  t.is(failureOf(await evaluate({ init_script, script: '1' })), 'RUNTIME_ERROR Error: not ready');
});

test('another init_script makes another sandbox', async (t) => {
  const count = 'var n = (globalThis.n ?? 0) + 1; n';
  const call = async (init_script: string) =>
    resultOf(await evaluate({ sandbox_id: 'other', init_script, script: count }));
  t.deepEqual([await call('1'), await call('1'), await call('2'), await call('1')], [1, 2, 1, 1]);
});

test('sandboxes of two ids, and of two callers, are apart', async (t) => {
  const count = 'var n = (globalThis.n ?? 0) + 1; n';
  const call = async (sandbox_id: string, caller: string) =>
    resultOf(await evaluate({ sandbox_id, script: count }, caller));
  t.deepEqual([await call('1', 'a'), await call('1', 'a')], [1, 2]);
  t.deepEqual([await call('2', 'a'), await call('1', 'b')], [1, 1]);
  t.deepEqual(
    [await call('ab', 'c'), await call('b', 'ca'), await call('', '').catch(() => 0)],
    [1, 1, 0],
  );
});

test('sandbox_id null is never used again', async (t) => {
  const script = 'var n = (globalThis.n ?? 0) + 1; n';
  for (let call = 0; call < 3; call++) t.is(resultOf(await evaluate({ script })), 1);
});

test('input is visible during its call alone, as JSON.parse makes it', async (t) => {
  const sandbox_id = 'input';
  const input = { list: [1, 2], text: '"; throw 1; //' };
  t.deepEqual(resultOf(await evaluate({ sandbox_id, script: 'input', input })), input);
  t.is(resultOf(await evaluate({ sandbox_id, script: 'typeof input' })), 'undefined');
  const nothing = await evaluate({ sandbox_id, script: 'input === null', input: null });
  t.true(resultOf(nothing));
});

test('an init_script does not see input', async (t) => {
  const init_script = 'var seen = typeof input;';
  t.is(resultOf(await evaluate({ init_script, script: 'seen', input: 1 })), 'undefined');
});

test('time stands still at now and moves with timers alone', async (t) => {
  const script = `const before = Date.now(); for (let i = 0; i < 1e5; i++);
    const after = Date.now();
    new Promise((done) => setTimeout(() => done([before, after, Date.now()]), 250))`;
  t.deepEqual(resultOf(await evaluate({ script, now: 1000 })), [1000, 1000, 1250]);
});

test('one seed, one sequence; no seed, another each time', async (t) => {
  const script = '[Math.random(), Math.random()]';
  const draw = async (seed?: number) =>
    JSON.stringify(resultOf(await evaluate(seed === undefined ? { script } : { script, seed })));
  t.is(await draw(7), await draw(7));
  t.not(await draw(7), await draw(8));
  t.not(await draw(), await draw());
});

test('a seed holds for its call, whatever was drawn before', async (t) => {
  const sandbox_id = 'seed';
  const draw = async () =>
    resultOf(await evaluate({ sandbox_id, script: 'Math.random()', seed: 7 }));
  t.is(await draw(), await draw());
});

test('output: stdout and stderr apart, kept on failure too', async (t) => {
  const outcome = await evaluate({
    init_script: 'console.log("init")',
    script: 'console.log("a", { b: 1 }); console.error("e"); throw 1',
  });
  t.regex(outcome.stdout, /^init\na .*b.*1.*\n$/s);
  t.is(outcome.stderr, 'e\n');
});

test('output is cut at its cap, the result is not touched', async (t) => {
  const outcome = await evaluate({
    script: 'for (let i = 0; i < 2000; i++) console.log("x".repeat(99)); 7',
  });
  t.is(resultOf(outcome), 7);
  t.is(outcome.stdout.length, 65_536 + '\n[output cut]\n'.length);
});

test('stage and stack: lines and columns of the right script', async (t) => {
  const script = '\n  function f() {\n    null.x;\n  }\n  f();';
  const inScript = await evaluate({ script });
  const inInit = await evaluate({ init_script: script, script: '1' });
  if (inScript.status === 'OK' || inInit.status === 'OK') return t.fail();
  t.is(inScript.stage, 'SCRIPT');
  t.regex(inScript.stack ?? '', /f \(script:3:\d+\)[^]*script:5:\d+/);
  t.is(inInit.stage, 'INIT');
  t.regex(inInit.stack ?? '', /f \(init_script:3:\d+\)[^]*init_script:5:\d+/);
  t.is(inInit.state, 'lost');
});

test('an error that is thrown keeps the sandbox and its effects', async (t) => {
  const sandbox_id = 'throws';
  const thrown = await evaluate({ sandbox_id, script: 'var kept = 1; throw new Error("x")' });
  t.is(thrown.state, 'kept');
  t.is(resultOf(await evaluate({ sandbox_id, script: 'kept' })), 1);
});

test('a sandbox that ran out of fuel is what it was before the call', async (t) => {
  const sandbox_id = 'fuel';
  const init_script = 'var n = 0;';
  const call = (script: string) =>
    evaluate({ sandbox_id, init_script, script, limits: { fuel: 50_000_000 } });
  t.is((await call('n = 5')).state, 'kept');
  const stopped = await call('n = 6; console.log("before"); for (;;);');
  t.is(stopped.status, 'OUT_OF_FUEL');
  t.is(stopped.state, 'rolled_back');
  t.is(stopped.stdout, 'before\n');
  t.is(stopped.usage.fuel, 50_000_000);
  t.is(resultOf(await call('n')), 5);
});

test('INIT has a budget of its own, and its failure names it', async (t) => {
  const stopped = await evaluate({
    init_script: 'for (;;);',
    script: '1',
    limits: { fuel: 50_000_000 },
  });
  t.is(stopped.status, 'OUT_OF_FUEL');
  t.is(stopped.status === 'OUT_OF_FUEL' && stopped.stage, 'INIT');
});

test('usage names fuel, memory and engine', async (t) => {
  const small = await evaluate({ script: '1' });
  const large = await evaluate({ script: 'new Uint8Array(20e6).fill(1).length' });
  t.true(large.usage.fuel > small.usage.fuel);
  t.true(large.usage.memory_bytes >= small.usage.memory_bytes + 19e6);
  t.regex(small.usage.engine, /^boa-.*-[0-9a-f]{12}$/);
});

/** What goes wrong on the fourth line, in an expression of each kind. */
const wrong = {
  'an unknown name called': 'foo()',
  'an unknown name read': 'const b = foo',
  'an unknown name constructed': 'new foo()',
  'an unknown name in an array': '[foo]',
  'a name before its declaration': 'tdz; let tdz = 1',
  'types that do not mix': '1n + 1',
  'something that cannot be spread': 'f(...[...1])',
  'a class that extends a number': 'const q = class extends 5 {}',
  'in without an object': '"x" in 5',
  'instanceof without a function': 'a instanceof 5',
  'a pattern over nothing': 'const { x } = a.nothing',
  'a pattern over null': 'const { x } = null',
  'a loop over a number': 'for (const q of 5) 1',
  'a declared class that extends a number': 'class A extends 5 {}',
  'an unknown name in a function': '(() => { return bar(1); })()',
};

for (const [what, expression] of Object.entries(wrong)) {
  test(`the stack has the line of ${what}`, async (t) => {
    const outcome = await evaluate({
      init_script: 'const a = {}; function f() {}',
      script: `let p = 1;\n\n\n  ${expression};\n`,
    });
    if (outcome.status === 'OK') return t.fail('it went well');
    t.is(outcome.status, 'RUNTIME_ERROR');
    t.regex(outcome.stack ?? '', /script:4:\d+/);
  });
}

test('a line within a function is its own, not that of the function', async (t) => {
  const script = 'function f() {\n  let x = 1;\n  return bar(x);\n}\n\nf();';
  const outcome = await evaluate({ script });
  t.regex(
    outcome.status === 'OK' ? '' : (outcome.stack ?? ''),
    /f \(script:3:\d+\)[^]*script:6:\d+/,
  );
});

test('a chain of operators costs as much as it is long', async (t) => {
  const fuelOf = async (terms: number): Promise<number> => {
    const outcome = await evaluate({ script: `let a = 1; ${'a + '.repeat(terms)} 1` });
    t.is(resultOf(outcome), terms + 1);
    return outcome.usage.fuel;
  };
  const [none, half, whole] = [await fuelOf(0), await fuelOf(1_000), await fuelOf(2_000)];
  t.true(whole - none < 2.5 * (half - none), `${half - none} and ${whole - none} fuel`);
});
