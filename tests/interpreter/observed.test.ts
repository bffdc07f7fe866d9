// What a script reads of clock and chance is told, and of one that reads neither nothing depends on
// them: not what it leaves, not what it prints, not its fuel.

import test from 'ava';
import { observation } from '../../runtime/engine/abi.ts';
import { loadModule, tellsObserved } from '../../runtime/engine/module.ts';
import { wasmOf } from '../helpers/tiny-interpreter.ts';
import { scripts } from './fuel-probe.ts';
import { openStepped, type Step } from './stepped.ts';

const { module } = await loadModule();
const { CLOCK, RANDOM } = observation;

const observedBy = (script: string): number => {
  const { status, text, observed } = openStepped(module).evaluate(script);
  if (status !== 0) throw new Error(`${script}: ${text}`);
  return observed;
};

test('a module that does not import `observed` is known', (t) => {
  t.true(tellsObserved(module));
  t.false(tellsObserved(new WebAssembly.Module(wasmOf('not-json'))));
});

for (const [script, expected] of [
  ['Date.now()', CLOCK],
  ['new Date(); 0', CLOCK],
  ['Date()', CLOCK],
  ['Temporal.Now.plainDateISO()', CLOCK],
  ['console.time("t"); 0', CLOCK],
  ['new Promise((f) => setTimeout(() => f(Date.now()), 1))', CLOCK],
  ['Math.random()', RANDOM],
  ['[2, 1].sort(Math.random)', RANDOM],
  ['Math.random() + new Date()', CLOCK | RANDOM],
  ['new Promise((f) => setTimeout(f, 1e6, 1))', 0],
  ['setInterval(() => Date.now(), 1); Math.random.name', 0],
  ['new Date(0) + structuredClone(new Date(1)); Temporal.Now.timeZoneId()', 0],
  ['console.log(new Date(5), Date, Math); console.timeEnd("none"); 0', 0],
  ['new Map([[{}, new WeakMap()]]); [3, 1, 2].sort(); new Error("x").stack; 0', 0],
  ['Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1).async', 0],
] as const) {
  test(`observed: ${script}`, (t) => {
    t.is(observedBy(script), expected);
  });
}

test('each call is told for itself, one that throws too', (t) => {
  const { evaluate } = openStepped(module);
  t.like(evaluate('Math.random(); null.x'), { status: 1, observed: RANDOM });
  t.like(evaluate('typeof Math'), { status: 0, observed: 0 });
});

/** An init_script under a clock and a seed of its own, then what every later call would see. */
const lives = (init: string, now: number, seed: bigint): readonly Step[] => {
  const { evaluate } = openStepped(module);
  const later = 'JSON.stringify(Object.keys(globalThis)) + [Math.random(), Date.now(), typeof f]';
  return [
    evaluate(init, { init: true, now, seed }),
    evaluate(later, { now: 1, seed: 1n }),
    evaluate('new Promise((f) => setTimeout(() => f(+new Date()), 7))', { now: 2, seed: 2n }),
  ];
};

test('a script that reads neither is the same under any clock and seed', (t) => {
  const silent = Object.entries(scripts).filter(([name]) => name !== 'random');
  const more = 'var f = () => Date.now(); let n = 0; new Promise((g) => setTimeout(g, 1e9))';
  for (const [name, script] of [...silent, ['timers', more] as const]) {
    const [first, ...others] = [
      lives(script, 0, 0n),
      lives(script, 1.7e12, 42n),
      lives(script, -8.64e15, 2n ** 63n),
      lives(script, Number.NaN, -1n),
    ];
    t.is(first[0]?.observed, 0, name);
    for (const other of others) t.deepEqual(other, first, name);
  }
});

test('a script that reads is told to, whatever else it hides', (t) => {
  const hidden = 'var f = (() => { let t = Date.now(); return () => t; })(); 0';
  const [init] = lives(hidden, 5, 5n);
  t.is(init?.observed, CLOCK);
});
