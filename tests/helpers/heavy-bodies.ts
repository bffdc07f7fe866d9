// Bodies within the size limit that are as dear to read as bodies can be: each with the answer that
// whoever sends it gets.

import { requestLimits } from '../../contract/limits.ts';

export interface HeavyBody {
  readonly name: string;
  readonly body: string;
  /** The bytes of each chunk in which it is sent; in one piece when absent. */
  readonly chunkBytes?: number;
  readonly status: string;
  /** What the message, or the result, is like. */
  readonly says: RegExp;
}

const { bodyBytesMax, inputBytesMax, sourceBytesCeiling, sandboxIdCharsMax } = requestLimits;

const withInput = (input: string, script = 'typeof input'): string =>
  `{"sandbox_id":null,"init_script":"","script":"${script}","input":${input}}`;

const right = '"sandbox_id":null,"init_script":"","script":"1"';

/** As many of `item(0)`, `item(1)` … as fit into `bytesMax`, with commas between them. */
const filled = (bytesMax: number, item: (index: number) => string): string => {
  const items: string[] = [];
  let bytes = 0;
  for (let index = 0; ; index++) {
    const next = item(index);
    bytes += next.length + 1;
    if (bytes > bytesMax) return items.join(',');
    items.push(next);
  }
};

const nested = (bytes: number): string =>
  '['.repeat(Math.floor(bytes / 2)) + ']'.repeat(Math.floor(bytes / 2));

const room = bodyBytesMax - 1_000;
const keys = (bytes: number): string => filled(bytes, (index) => `"k${index}":0`);
const escapes = (chars: number): string => '\\u0061'.repeat(chars);

/** Bodies that are well-formed, and those that only begin to be. */
export const heavyBodies: readonly HeavyBody[] = [
  {
    name: 'a million nested brackets as input',
    body: withInput(nested(inputBytesMax)),
    // Made into objects in the sandbox alone, which has not enough memory for so many.
    status: 'OUT_OF_MEMORY',
    says: /^script needed more/,
  },
  {
    name: '900,000 brackets that are never closed',
    body: withInput('['.repeat(900_000)),
    status: 'INVALID_REQUEST',
    says: /not JSON/,
  },
  {
    name: 'half a million numbers as input',
    body: withInput(`[${filled(inputBytesMax - 2, () => '0')}]`, 'input.length'),
    status: 'OK',
    says: /^524287$/,
  },
  {
    name: 'an input of a hundred thousand keys',
    body: withInput(`{${keys(inputBytesMax - 2)}}`, 'input.k7'),
    status: 'OK',
    says: /^0$/,
  },
  {
    name: 'an input of empty objects',
    body: withInput(`[${filled(inputBytesMax - 2, () => '{}')}]`),
    status: 'OUT_OF_MEMORY',
    says: /^script needed more/,
  },
  {
    name: 'one number of a million digits as input',
    body: withInput('1'.repeat(inputBytesMax), 'input === Infinity'),
    status: 'OK',
    says: /^true$/,
  },
  {
    name: 'an input that is too long, of brackets',
    body: withInput(nested(room)),
    status: 'INVALID_REQUEST',
    says: /^input: expected JSON of at most 1048576 bytes/,
  },
  {
    name: '300,000 unknown fields',
    body: `{${keys(room - right.length)},${right}}`,
    status: 'INVALID_REQUEST',
    says: /^body: expected at most \d+ fields, got more; k0: an unknown field/,
  },
  {
    name: 'unknown fields that are nearly known',
    body: `{${filled(room, (index) => `"initScript${index}":0`)},${right}}`,
    status: 'INVALID_REQUEST',
    says: /got more; initScript0: an unknown field; did you mean "init_script"\?/,
  },
  {
    name: 'an unknown field of brackets',
    body: `{${right},"more":${nested(room)}}`,
    status: 'INVALID_REQUEST',
    says: /^more: an unknown field/,
  },
  {
    name: 'one field a hundred thousand times',
    body: `{${filled(room, () => '"script":"1"')},${right}}`,
    status: 'INVALID_REQUEST',
    says: /^body: expected at most \d+ fields/,
  },
  {
    name: 'limits of 300,000 unknown fields',
    body: `{${right},"limits":{${keys(room)}}}`,
    status: 'INVALID_REQUEST',
    says: /^limits: expected an object with fuel and memory_bytes, got an object of more than/,
  },
  {
    name: 'a sandbox_id of numbers',
    body: `{"sandbox_id":[${filled(room, () => '0')}],"init_script":"","script":"1"}`,
    status: 'INVALID_REQUEST',
    says: /^sandbox_id: expected a well-formed string of .* got an array of more than/,
  },
  {
    name: 'a seed of a million digits',
    body: `{${right},"seed":${'9'.repeat(1_000_000)}}`,
    status: 'INVALID_REQUEST',
    says: /^seed: expected an integer/,
  },
  {
    name: 'a field whose name is all of the body',
    body: `{"${escapes(room / 6)}":0}`,
    status: 'INVALID_REQUEST',
    says: /a field whose name is longer than any: an unknown field/,
  },
  {
    name: 'white space',
    body: `{${' \n'.repeat(room / 2)}${right}}`,
    status: 'OK',
    says: /^1$/,
  },
  {
    name: 'a script of escapes',
    body: `{"sandbox_id":null,"init_script":"","script":"/*${escapes(room / 6)}*/ 1"}`,
    status: 'OK',
    says: /^1$/,
  },
  {
    name: 'every text as long as it may be',
    body: JSON.stringify({
      sandbox_id: 'i'.repeat(sandboxIdCharsMax),
      init_script: '/'.repeat(sourceBytesCeiling),
      script: '/'.repeat(sourceBytesCeiling),
      input: 'x'.repeat(inputBytesMax - 2),
    }),
    status: 'OK',
    says: /^null$/,
  },
  {
    name: 'JSON that is broken at its end',
    body: `{"input":[${filled(inputBytesMax - 2, () => '[]')}],${right}]`,
    status: 'INVALID_REQUEST',
    says: /not JSON/,
  },
  {
    name: 'a result of half a million values',
    body: withInput('0', 'Array(520000).fill(0)'),
    status: 'OK',
    says: /^0,0,0/,
  },
  {
    name: 'as many chunks as may be',
    body: `{${' '.repeat(60_000)}${right}}`,
    chunkBytes: 11,
    status: 'OK',
    says: /^1$/,
  },
];
