// Depth: enough of it for honest scripts, an honest answer for the rest, and the next request
// right.

import test from 'ava';
import { failureOf, resultOf, withEngine } from '../helpers/engine.ts';

const { evaluate } = withEngine(test, { limits: { fuelMax: 100_000_000_000 } });

test('5,000 nested calls work, plain and through built-ins', async (t) => {
  const plain = 'function f(n) { return n === 0 ? 0 : 1 + f(n - 1); } f(5000)';
  t.is(resultOf(await evaluate({ script: plain })), 5000);
  const method = 'var o = { f(n) { return n === 0 ? 0 : 1 + this.f(n - 1); } }; o.f(5000)';
  t.is(resultOf(await evaluate({ script: method })), 5000);
});

const tooDeep = /^RUNTIME_ERROR (RangeError|SyntaxError|InternalError): /;

for (const script of [
  'function f() { f(); } f()',
  'function f() { [1].map(f); } f()',
  'var o = { get x() { return this.x; } }; o.x',
  'var p = new Proxy({}, { get(target, key, self) { return self[key]; } }); p.x',
  'function* g() { yield* g(); } [...g()]',
  'var f = async () => { await f(); }; f()',
  'var o = { toString() { return String(this); } }; o + ""',
  'var o = { toJSON() { return JSON.stringify(o); } }; JSON.stringify(o)',
  'class A { constructor() { new A(); } } new A()',
  'var a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a)',
  'var a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.flat(Infinity)',
  'var a = []; for (let i = 0; i < 1e5; i++) a = [a]; structuredClone(a)',
  'eval("(".repeat(1e6))',
  'eval("[".repeat(1e6))',
  'eval("1" + "+1".repeat(2e5) + "+")',
  'eval("!".repeat(1e6) + "1;(")',
  'eval("{".repeat(1e6))',
  'eval("a?".repeat(3e5))',
  'eval("`${".repeat(3e5))',
  'eval("class A extends ".repeat(6e4))',
  'eval("x=>".repeat(3e5))',
  'Function("(".repeat(1e6))',
  'new RegExp("(".repeat(1e6))',
  'new RegExp("(?:".repeat(3e5) + ")".repeat(3e5))',
  'new RegExp("[".repeat(3e5) + "]".repeat(3e5), "v")',
]) {
  test(script.slice(0, 70), async (t) => {
    const sandbox_id = script.slice(0, 200);
    const outcome = await evaluate({ script, sandbox_id });
    t.regex(failureOf(outcome), tooDeep);
    t.is(resultOf(await evaluate({ script: '6 * 7', sandbox_id })), 42);
  });
}

for (const source of [
  '(',
  '[',
  '{',
  '!',
  '-',
  'a?',
  '`${',
  'x=>',
  'if(1)',
  'a.b(',
  'async()=>',
  'new ',
]) {
  test(`${source} a million bytes long, as script and as init_script`, async (t) => {
    const script = source.repeat(Math.floor(1e6 / source.length));
    t.regex(failureOf(await evaluate({ script })), tooDeep);
    const init = await evaluate({ init_script: script, script: '1' });
    t.regex(failureOf(init), tooDeep);
    t.is(init.status !== 'OK' && init.stage, 'INIT');
  });
}

for (const script of [
  'var b = () => 0; for (let i = 0; i < 3e4; i++) b = b.bind(null); b()',
  'var s = "[".repeat(1e6) + "]".repeat(1e6); JSON.parse(s).length',
  'JSON.parse("[".repeat(1e6))',
  'var a = []; for (let i = 0; i < 1e6; i++) a = [a]; a = null; 1',
  'var l = null; for (let i = 0; i < 1e6; i++) l = { l }; typeof l',
  'eval("1" + "+1".repeat(1e5))',
  'var s = ""; for (let i = 0; i < 2e4; i++) s += "var a" + i + ";"; eval(s); 1',
]) {
  test(`deep but answered: ${script.slice(0, 60)}`, async (t) => {
    const outcome = await evaluate({ script });
    t.regex(failureOf(outcome), /^(OK|OUT_OF_MEMORY|RUNTIME_ERROR (RangeError|SyntaxError))/);
    t.is(resultOf(await evaluate({ script: '6 * 7' })), 42);
  });
}

test('an input as deep as it may be is answered', async (t) => {
  let input: unknown = 1;
  for (let depth = 0; depth < 400_000; depth++) input = [input];
  const outcome = await evaluate({ script: 'Array.isArray(input)', input });
  t.regex(failureOf(outcome), /^(OK true|OUT_OF_MEMORY|RUNTIME_ERROR (RangeError|SyntaxError))/);
});
