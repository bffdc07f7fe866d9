// A body is read as JSON.parse and validateRequest would have it, at a cost that its length bounds.

import test from 'ava';
import fc from 'fast-check';
import { listed } from '../../contract/explain.ts';
import { evaluationLimits, failureLimits, requestLimits } from '../../contract/limits.ts';
import { readRequest } from '../../contract/read-request.ts';
import { exampleRequest } from '../../contract/request.ts';
import { validateRequest } from '../../contract/validate.ts';
import { heavyBodies } from '../helpers/heavy-bodies.ts';

const read = (body: string) => readRequest(Buffer.from(body), evaluationLimits);
const faultsOf = (body: string): string => {
  const request = read(body);
  return request.ok ? '' : listed(request.faults);
};
const right = '"sandbox_id":"x","init_script":"","script":"1"';

test('a request is what JSON.parse makes of it, and its input the text that came', (t) => {
  const body = ` { ${right} , "input" : {"a": -0, "b":1e999 ,"__proto__":"\\ud800"} ,"seed":7}\n`;
  t.deepEqual(read(body), {
    ok: true,
    value: {
      ...{ sandbox_id: 'x', init_script: '', script: '1', seed: 7 },
      input_json: '{"a": -0, "b":1e999 ,"__proto__":"\\ud800"}',
    },
  });
  const example = read(JSON.stringify(exampleRequest));
  t.deepEqual(example, { ok: true, value: { ...exampleRequest, input_json: undefined } });
});

test('names and values may be escaped, and the last of a name counts', (t) => {
  const body = `{${right},"scr\\u0069pt":"\\u0032","sandbox_id":"a","sandbox_id":null}`;
  const request = read(body);
  t.true(request.ok);
  if (request.ok) {
    t.is(request.value.script, '2');
    t.is(request.value.sandbox_id, null);
  }
});

const field = fc.tuple(
  fc.constantFrom(
    ...['sandbox_id', 'init_script', 'script', 'input', 'seed', 'now', 'limits'],
    ...['scr\u0069pt', '__proto__', 'constructor', '', 'scirpt', 'toString', '\u00e4"\\'],
  ),
  fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.constantFrom('"x"', '""', 'null', '0', '-0', '{"fuel":1}', '{"fule":1}', '[[]]', '1e400'),
  ),
  fc.constantFrom('', ' ', '\n\t'),
);

test('agrees with JSON.parse and validateRequest, whatever fields a body has', (t) => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 8 }), fc.nat(), (fields, cut) => {
      const texts = fields.map(([k, v, s]) => `${s}${JSON.stringify(k)}${s}:${s}${v}${s}`);
      const whole = `{${texts.join()}}`;
      // One in two is damaged somewhere.
      const at = cut % (2 * whole.length);
      const body = whole.slice(0, at) + whole.slice(at + 1);
      let value: unknown;
      try {
        value = JSON.parse(body);
      } catch {
        return faultsOf(body).startsWith('body: expected a JSON object, got text that is not JSON');
      }
      const request = read(body);
      const expected = validateRequest(value, evaluationLimits);
      if (!expected.ok || !request.ok) {
        const paths = (all: readonly { path: string }[]) => all.map(({ path }) => path);
        if (expected.ok || request.ok) return false;
        t.deepEqual(paths(request.faults).toSorted(), paths(expected.faults).toSorted());
        return true;
      }
      const { input, ...rest } = expected.value;
      const { input_json, ...same } = request.value;
      t.deepEqual(same, rest);
      t.deepEqual(input_json === undefined ? undefined : JSON.parse(input_json), input);
      return true;
    }),
    { numRuns: 5_000 },
  );
});

const says = test.macro({
  exec(t, body: string, expected: RegExp) {
    t.regex(faultsOf(body), expected);
  },
  title: (given) => `says so: ${given ?? ''}`,
});

test('an empty body', says, '', /^body: expected a JSON object, got an empty body$/);
test('white space', says, ' \n', /got text that is not JSON \(it ends too early\)/);
test('an array', says, '[1,2]', /^body: expected a JSON object, got an array of 2$/);
test('a string', says, '"x"', /^body: expected a JSON object, got "x"$/);
test('a byte order mark', says, `\ufeff{${right}}`, /unexpected "U\+FEFF" at byte 0/);
test('an end that is missing', says, `{${right}`, /it ends too early/);
test('what follows the end', says, `{${right}} x`, /unexpected "x" at byte 49/);
test('a comma too many', says, `{${right},}`, /unexpected "}" at byte 48/);
test('a character that is none of JSON', says, `{${right},"input":[ä]}`, /unexpected "ä"/);
test('a control in a string', says, '{"script":"a\u0001"}', /unexpected "U\+0001" at byte 12/);
test('an unknown field without a name', says, `{${right},"":0}`, /^"": an unknown field/);
test(
  'a long input that is a string',
  says,
  `{${right},"input":"${'x'.repeat(1 << 20)}"}`,
  /1048578/,
);

for (const { name, body, status, says: expected } of heavyBodies) {
  test(`as dear as can be: ${name}`, (t) => {
    const request = read(body);
    t.is(!request.ok, status === 'INVALID_REQUEST');
    if (request.ok) return;
    t.regex(listed(request.faults), expected);
    // Work, not time: no more faults are made than a body may have fields and one.
    t.true(request.faults.length <= requestLimits.fieldsMax + 1);
    t.true(listed(request.faults).length < 4_096);
  });
}

test('of unknown fields only those that are shown cost a guess', (t) => {
  const many = Array.from({ length: 20 }, (_, index) => `"initScript${index}":0`);
  const request = read(`{${right},${many.join()}}`);
  const faults = request.ok ? [] : request.faults;
  t.is(faults.length, 20);
  t.is(
    faults.filter(({ expected }) => expected.startsWith('did you mean')).length,
    failureLimits.faultsMax,
  );
});
