// isJson agrees with JSON.parse on every text, and depth costs it nothing.

import test from 'ava';
import fc from 'fast-check';
import { isJson } from '../../../runtime/engine/json.ts';

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('accepts whatever JSON.stringify writes, with any white space', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (value, space) =>
      isJson(JSON.stringify(value, null, space)),
    ),
    { numRuns: 500 },
  );
  t.pass();
});

test('agrees with JSON.parse on texts of JSON tokens in any order', (t) => {
  const token = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '""',
      '1',
      '-0',
      '01',
      '1.',
      '.5',
      '1e5',
      '1E+',
      'true',
    ],
    ...[
      'nul',
      'null',
      ' ',
      '\n',
      '\u00a0',
      '"\\u12',
      '"\\ud800"',
      '"\\x"',
      '"',
      '\\',
      '-',
      '\u0000',
    ],
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 9 }), (tokens) => {
      const text = tokens.join('');
      return isJson(text) === parses(text);
    }),
    { numRuns: 20_000 },
  );
  t.pass();
});

test('agrees with JSON.parse on JSON with one character changed', (t) => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 1 }), (json, at, char) => {
      const index = at % (json.length + 1);
      const text = json.slice(0, index) + char + json.slice(index + 1);
      return isJson(text) === parses(text);
    }),
    { numRuns: 5_000 },
  );
  t.pass();
});

for (const text of [
  '',
  ' ',
  '[1,]',
  '{"a":1,}',
  '{a:1}',
  '[1 2]',
  '1 2',
  ']',
  '"\n"',
  '{"a"}',
  '[}',
]) {
  test(`refuses ${JSON.stringify(text)}`, (t) => {
    t.false(isJson(text));
  });
}

test('a million open brackets are looked through without a stack', (t) => {
  t.true(isJson('['.repeat(1e6) + ']'.repeat(1e6)));
  t.false(isJson('['.repeat(1e6)));
});
