// validateRequest: every fault of a request is named with its field, what was expected and what
// came.

import test from 'ava';
import { evaluationLimits, failureLimits, requestLimits } from '../../contract/limits.ts';
import { exampleRequest, type Evaluation } from '../../contract/request.ts';
import { checkEvaluation, inputText, validateRequest } from '../../contract/validate.ts';

const right = { sandbox_id: 'x', init_script: '', script: '1' };

const faultsOf = (value: unknown) => {
  const validated = validateRequest(value, evaluationLimits);
  return validated.ok ? [] : validated.faults;
};

test('the example that a wrong request is shown is right', (t) => {
  t.deepEqual(faultsOf(exampleRequest), []);
});

test('every optional field is accepted, null is an input', (t) => {
  const limits = { fuel: 1, memory_bytes: requestLimits.memoryBytesMin };
  t.deepEqual(faultsOf({ ...right, input: null, seed: 0, now: -1.5, limits }), []);
  t.deepEqual(faultsOf({ ...right, sandbox_id: null }), []);
});

const refuses = test.macro({
  exec(t, value: unknown, path: string, expected: RegExp, came: RegExp) {
    const faults = faultsOf(value);
    t.deepEqual(
      faults.map((fault) => fault.path),
      [path],
    );
    t.regex(faults[0]?.expected ?? '', expected);
    t.regex(faults[0]?.came ?? '', came);
  },
  title: (given) => `refuses ${given ?? ''}`,
});

const longId = 'x'.repeat(requestLimits.sandboxIdCharsMax + 1);
const longScript = 'x'.repeat(requestLimits.sourceBytesCeiling + 1);

test(
  'a missing field',
  refuses,
  { sandbox_id: null, script: '' },
  'init_script',
  /string/,
  /nothing/,
);
test('a number as script', refuses, { ...right, script: 5 }, 'script', /string/, /^5$/);
test('an empty sandbox_id', refuses, { ...right, sandbox_id: '' }, 'sandbox_id', /1 to 256/, /""/);
test(
  'a long sandbox_id',
  refuses,
  { ...right, sandbox_id: longId },
  'sandbox_id',
  /256/,
  /257 bytes/,
);
test(
  'a lone surrogate',
  refuses,
  { ...right, sandbox_id: '\ud800' },
  'sandbox_id',
  /well-formed/,
  /d800/,
);
test(
  'a long script',
  refuses,
  { ...right, script: longScript },
  'script',
  /bytes/,
  /1048577 bytes/,
);
test('a fractional seed', refuses, { ...right, seed: 0.5 }, 'seed', /integer/, /0\.5/);
test(
  'a date beyond the range',
  refuses,
  { ...right, now: 9e15 },
  'now',
  /number/,
  /9000000000000000/,
);
test('zero fuel', refuses, { ...right, limits: { fuel: 0 } }, 'limits.fuel', /from 1/, /^0$/);
test('limits as an array', refuses, { ...right, limits: [] }, 'limits', /object/, /array of 0/);
test('an array as body', refuses, [], '', /./, /array/);
test('null as body', refuses, null, '', /./, /null/);
test('an unknown field', refuses, { ...right, extra: 1 }, 'extra', /one of the fields/, /unknown/);
test(
  'a misspelt field',
  refuses,
  { ...right, sandboxID: 1 },
  'sandboxID',
  /"sandbox_id"/,
  /unknown/,
);
test(
  'a field that only the prototype has',
  refuses,
  JSON.parse('{"sandbox_id":null,"init_script":"","script":"","__proto__":{}}'),
  '__proto__',
  /one of the fields/,
  /unknown/,
);
test(
  'more fuel than the server gives',
  refuses,
  { ...right, limits: { fuel: evaluationLimits.fuelMax + 1 } },
  'limits.fuel',
  /at most the server's own/,
  /1$/,
);

test('every fault is told at once', (t) => {
  const faults = faultsOf({ scirpt: '', limits: { memory: 1, fuel: 'x' } });
  t.deepEqual(
    faults.map(({ path }) => path),
    ['sandbox_id', 'init_script', 'script', 'limits.fuel', 'scirpt', 'limits.memory'],
  );
  t.regex(faults[4]?.expected ?? '', /"script"/);
  t.regex(faults[5]?.expected ?? '', /"memory_bytes"/);
});

test('inputText: keeps lone surrogates and __proto__, bounds the size', (t) => {
  const input: unknown = JSON.parse('{"__proto__":"\\ud800"}');
  t.deepEqual(inputText(input), { ok: true, value: '{"__proto__":"\\ud800"}' });
  t.deepEqual(inputText(undefined), { ok: true, value: undefined });
  const large = inputText('x'.repeat(requestLimits.inputBytesMax));
  t.false(large.ok);
});

test('inputText: the deepest input that fits is given or refused, never thrown', (t) => {
  let input: unknown = 1;
  for (let depth = 0; depth < requestLimits.inputBytesMax / 2 - 1; depth++) input = [input];
  const text = inputText(input);
  const given = text.ok ? ['input'] : text.faults.map(({ path }) => path);
  t.deepEqual(given, ['input']);
});

test('of a thousand unknown fields only those that are shown cost a guess', (t) => {
  const many = Array.from({ length: 1_000 }, (_, index) => [`initScript${index}`, 0]);
  const faults = faultsOf({ ...right, ...Object.fromEntries(many) });
  t.is(faults.length, 1_000);
  const guessed = faults.map(({ expected }) => expected === 'did you mean "init_script"?');
  t.is(guessed.lastIndexOf(true), failureLimits.faultsMax - 1);
  t.is(guessed.filter(Boolean).length, failureLimits.faultsMax);
});

test('an input that is no JSON is named, not thrown at', (t) => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const came = [() => 1, Symbol('s'), 1n, cycle, { toJSON: () => undefined }].map((input) => {
    const text = inputText(input);
    return text.ok ? 'accepted' : text.faults[0]?.came;
  });
  t.deepEqual(came, [
    'a function that is not JSON',
    'a symbol that is not JSON',
    'a bigint that is not JSON (Do not know how to serialize a BigInt)',
    'an object that is not JSON (Converting circular structure to JSON)',
    'an object that is not JSON',
  ]);
});

test('input_json: text in place of input, and never both', (t) => {
  const check = (more: object) => checkEvaluation({ script: '1', ...more }, evaluationLimits);
  const given = check({ input_json: ' {"a": -0}' });
  t.is(given.ok ? given.value.input_json : undefined, ' {"a": -0}');
  const made = check({ input: { a: [1] } });
  t.is(made.ok ? made.value.input_json : undefined, '{"a":[1]}');
  const nothing = checkEvaluation(null as unknown as Evaluation, evaluationLimits);
  t.deepEqual(nothing.ok ? [] : nothing.faults.map(({ path }) => path), ['script']);
  for (const [more, came] of [
    [{ input_json: '[1,,2]' }, /text that is not JSON/],
    [{ input_json: 5 }, /^5$/],
    [{ input_json: '1', input: 1 }, /both/],
    [{ input_json: `"${'x'.repeat(requestLimits.inputBytesMax)}"` }, /1048578 bytes/],
  ] as const) {
    const refused = check(more);
    t.regex(refused.ok ? 'accepted' : (refused.faults[0]?.came ?? ''), came);
  }
});
