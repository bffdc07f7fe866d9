// isJson agrees with JSON.parse on every text, and depth costs it nothing.

import test from 'ava';
import fc from 'fast-check';
import { afterValue, isJson as isJsonBytes, NotJson } from '../../contract/json.ts';

const isJson = (text: string): boolean => isJsonBytes(Buffer.from(text));

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

test('where a value ends: behind white space, at the comma or bracket that follows', (t) => {
  for (const [text, from, end] of [
    ['{"a": [1, {}] , 2', 6, 14],
    ['-1.5e3,', 0, 6],
    ['[true ]', 1, 6],
    ['"]\\"" }', 0, 6],
    ['null', 0, 4],
  ] as const) {
    t.is(afterValue(Buffer.from(text), from), end, text);
  }
});

test('a value that is longer than may be looked at is told apart from one that is wrong', (t) => {
  fc.assert(
    fc.property(fc.json(), fc.nat({ max: 40 }), (json, end) => {
      const bytes = Buffer.from(`${json},`);
      try {
        return afterValue(bytes, 0, Math.min(end, bytes.length)) <= bytes.length;
      } catch (error) {
        return error instanceof NotJson && error.at >= Math.min(end, bytes.length);
      }
    }),
    { numRuns: 5_000 },
  );
  t.throws(() => afterValue(Buffer.from('[1,,2]'), 0, 5), { instanceOf: NotJson });
});
