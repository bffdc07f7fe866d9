// Host functions through the built interpreter: what crosses, in which order, at what price, and
// that nothing is there for who has not asked for it.

import test from 'ava';
import { callRefusal, evaluateStatus, observation, trapReason } from '../../runtime/engine/abi.ts';
import { loadModule } from '../../runtime/engine/module.ts';
import { openStepped } from './stepped.ts';

const { module } = await loadModule();
const { OK, THROWN, PENDING } = evaluateStatus;
const names = ['lookup', 'add'];

test('a call goes out as JSON, its answer comes back, and the host knows of it', (t) => {
  const { evaluate, resume, calls } = openStepped(module, names);
  const script = 'host.lookup({ id: [1, "ü"] }).then((user) => user.name + input)';
  t.like(evaluate(script, { input: '"!"' }), { status: PENDING, text: '' });
  t.deepEqual(calls, [['lookup', '{"id":[1,"ü"]}']]);
  const end = resume([0, true, '{"name":"Ann 😀"}']);
  t.like(end, { status: OK, text: '"Ann 😀!"', observed: observation.HOST });
  t.like(evaluate('typeof input'), { status: OK, text: '"undefined"', observed: 0 });
});

test('without names there is no host, and a list of none adds none', (t) => {
  const script = '[typeof host, Object.getOwnPropertyNames(globalThis).includes("host")]';
  for (const sandbox of [openStepped(module), openStepped(module, [])]) {
    t.like(sandbox.evaluate(script), { status: OK, text: '["undefined",false]' });
  }
});

test('host functions cost a script that does not call them next to nothing', (t) => {
  const script = 'let s = 0; for (let i = 0; i < 1e4; i++) s += i; s';
  const [without, exposed] = [openStepped(module), openStepped(module, names)].map(
    ({ evaluate }) => evaluate(script).fuel,
  );
  // Not the same to the unit: the heap is another.
  t.true(Math.abs((exposed ?? 0) - (without ?? 0)) < (without ?? 0) / 1000);
});

test('an error of the host is an Error, caught or not', (t) => {
  const { evaluate, resume } = openStepped(module, names);
  const script = 'host.add(1).catch((e) => [e instanceof Error, e.message])';
  t.is(evaluate(script).status, PENDING);
  t.like(resume([0, false, '"down"']), { status: OK, text: '[true,"down"]' });
  t.is(evaluate('host.add(1)').status, PENDING);
  t.like(resume([1, false, '"down again"']), { status: THROWN, text: 'Error: down again' });
  t.is(evaluate('host.add(1)').status, PENDING);
  t.regex(resume([2, true, 'no JSON']).text, /^SyntaxError: /);
  t.is(evaluate('1').text, '1');
});

test('what the host does not take rejects, in words of the script', (t) => {
  const { evaluate, calls } = openStepped(module, names, (json) =>
    json.length > 10 ? callRefusal.TOO_LONG : json === '"many"' ? callRefusal.TOO_MANY : -9,
  );
  const told = (argument: string): string =>
    evaluate(`host.add(${argument}).then(() => 0, (e) => e.name + ": " + e.message)`).text;
  t.is(
    told('"x".repeat(50)'),
    '"RangeError: host.add: 52 bytes of JSON are more than the host takes"',
  );
  t.is(told('"many"'), '"RangeError: host.add: too many calls have not been answered"');
  t.is(told('1'), '"Error: host.add: refused by the host"');
  t.regex(told('1n'), /TypeError/);
  t.deepEqual(calls, []);
});

test('deep answers are a RangeError or a value, never a trap', (t) => {
  const { evaluate, resume } = openStepped(module, names);
  t.is(evaluate('host.add(1).then(() => "value", (e) => e.name)').status, PENDING);
  const end = resume([0, true, '['.repeat(1e5) + ']'.repeat(1e5)]);
  t.is(end.status, OK);
  t.true(['"value"', '"RangeError"', '"SyntaxError"'].includes(end.text), end.text);
});

test('timers stand still while an answer is awaited', (t) => {
  const { evaluate, resume } = openStepped(module, names);
  const script = `const start = Date.now(), log = []; setTimeout(() => log.push('timer'), 0);
    host.add(1).then(() => { log.push('answer'); return new Promise((f) => setTimeout(f, 5)); })
      .then(() => [...log, Date.now() - start])`;
  t.is(evaluate(script).status, PENDING);
  t.is(resume().status, PENDING);
  t.is(resume([0, true, '1']).text, '["answer","timer",5]');
});

test('calls without an end stop with the fuel, and the grants count as one', (t) => {
  const { evaluate, resume, calls } = openStepped(module, names);
  const script = '(async () => { for (;;) await host.add(0); })()';
  let step = evaluate(script, { fuel: 3_000_000 });
  for (let id = 0; step.status === PENDING && id < 1e5; id++) step = resume([id, true, '0']);
  t.like(step, { status: undefined, trap: trapReason.FUEL });
  t.true(calls.length > 10, String(calls.length));
});

test('a loop inside a continuation stops with the fuel', (t) => {
  const { evaluate, resume } = openStepped(module, names);
  t.is(evaluate('host.add(0).then(() => { for (;;); })', { fuel: 3_000_000 }).status, PENDING);
  t.like(resume([0, true, '0']), { status: undefined, trap: trapReason.FUEL });
});

test('an answer larger than the memory left ends with OUT_OF_MEMORY', (t) => {
  const { evaluate, resume } = openStepped(module, names);
  const memoryBytesMax = 16 * 1024 * 1024;
  t.is(evaluate('host.add(0)', { memoryBytesMax }).status, PENDING);
  t.like(resume([0, true, JSON.stringify('x'.repeat(2e7))]), { trap: trapReason.MEMORY });
});

test('the same answers in the same order: the same fuel, whenever they came', (t) => {
  const script = 'Promise.all([host.add(1), host.add(2), host.add(3)]).then((a) => a.map(String))';
  const answers = [
    [2, true, '"c"'],
    [0, true, '{"a":1}'],
    [1, true, '[2]'],
  ] as const;
  const run = (): number => {
    const { evaluate, resume } = openStepped(module, names);
    t.is(evaluate(script).status, PENDING);
    const end = resume(...answers);
    t.is(end.text, '["[object Object]","2","c"]');
    return end.fuel;
  };
  t.is(run(), run());
  const { evaluate, resume } = openStepped(module, names);
  evaluate(script);
  const steps = answers.map((answer) => resume(answer));
  t.deepEqual(
    steps.map(({ status }) => status),
    [PENDING, PENDING, OK],
  );
  t.is(steps.at(-1)?.text, '["[object Object]","2","c"]');
});

test('what a script does to the realm changes nothing of how calls cross', (t) => {
  const { evaluate, resume, calls } = openStepped(module, names);
  const spoil = `JSON.stringify = JSON.parse = Promise = Error = () => { throw 1; };
    Object.prototype.toJSON = 5; Array.prototype[Symbol.iterator] = null; 0`;
  t.is(evaluate(spoil).status, OK);
  t.is(evaluate('(async () => (await host.add({ a: [1] })).b)()').status, PENDING);
  t.deepEqual(calls, [['add', '{"a":[1]}']]);
  t.is(resume([0, true, '{"b":2}']).text, '2');
});

test('the global is frozen; who replaces it hurts nobody but the sandbox', (t) => {
  const { evaluate } = openStepped(module, names);
  const script = `host.add = host.more = 1; delete host.lookup;
    [Object.isFrozen(host), Object.keys(host), Object.getPrototypeOf(host), host.add.length]`;
  t.is(evaluate(script).text, '[true,["lookup","add"],null,1]');
  t.is(evaluate('var host = 5; host').text, '5');
});

test('an init_script may call; what it got stays', (t) => {
  const { evaluate, resume } = openStepped(module, names);
  const init = 'var table; const at = (k) => table[k]; host.lookup(0).then((x) => { table = x; })';
  t.is(evaluate(init, { init: true }).status, PENDING);
  t.is(resume([0, true, '{"k":3}']).text, 'null');
  t.is(evaluate('at("k")').text, '3');
});

test('unanswered calls are forgotten, and late answers dropped', (t) => {
  const { evaluate, resume, calls } = openStepped(module, names);
  t.is(evaluate('host.add(1).then(() => { late = 1; }); 5').text, '5');
  t.is(evaluate('host.add(2)').status, PENDING);
  t.is(calls.length, 2);
  t.is(resume([0, true, '0']).status, PENDING);
  t.is(resume([7, true, '0'], [1, true, '"mine"'], [1, true, '"twice"']).text, '"mine"');
  t.is(evaluate('typeof late').text, '"undefined"');
});

test('a host that breaks the order of calls ends the instance, not the process', (t) => {
  const waiting = openStepped(module, names);
  t.is(waiting.evaluate('host.add(1)').status, PENDING);
  t.like(waiting.evaluate('1'), { status: undefined, trap: trapReason.NONE });
  t.is(waiting.slot.host.call?.fatal?.reason, 1);
  const idle = openStepped(module, names);
  t.is(idle.evaluate('1').status, OK);
  t.like(idle.resume(), { status: undefined, trap: trapReason.NONE });
});
