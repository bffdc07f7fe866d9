// Is this JSON? Answered over its bytes, in one pass, without building a single object: what a
// caller sends must not cost more than it is long, and what an interpreter hands over is not
// trusted to be what it says. Grammar: ECMA-404, as a table of states. Depth costs no stack. The
// bytes must be UTF-8: that is looked after elsewhere, by faster means.

/** Where it is no JSON. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
  readonly at: number;

  constructor(at: number) {
    super('not JSON');
    this.at = at;
  }
}

/** What may come next; beyond `wordsFrom` the rest of a word. */
const state = {
  VALUE: 1,
  /** The first element of an array, or its end. */
  ELEMENT: 2,
  KEY: 3,
  /** The first key of an object, or its end. */
  MEMBER: 4,
  COLON: 5,
  AFTER: 6,
  MINUS: 7,
  ZERO: 8,
  INTEGER: 9,
  POINT: 10,
  FRACTION: 11,
  E: 12,
  SIGN: 13,
  EXPONENT: 14,
} as const;
const wordsFrom = 15;

/** What is done at a byte, rather than to go to another state. */
const step = {
  STRING: 128,
  NAME: 129,
  OPEN_ARRAY: 130,
  OPEN_OBJECT: 131,
  CLOSE_ARRAY: 132,
  CLOSE_OBJECT: 133,
  COMMA: 134,
} as const;
/** From the step that opens to the one that closes. */
const closing = 2;

/** By state and byte, what follows; 0: it is no JSON. */
const table = new Uint8Array(64 * 256);
const put = (from: readonly number[], chars: string, next: number): void => {
  for (const each of from) {
    for (const char of chars) table[each * 256 + char.charCodeAt(0)] = next;
  }
};

const nonZero = '123456789';
const digits = `0${nonZero}`;
const space = ' \t\n\r';
const begin: readonly number[] = [state.VALUE, state.ELEMENT];
const ended: readonly number[] = [state.ZERO, state.INTEGER, state.FRACTION, state.EXPONENT];

for (const each of [...begin, state.KEY, state.MEMBER, state.COLON, state.AFTER]) {
  put([each], space, each);
}
put(begin, '"', step.STRING);
put(begin, '[', step.OPEN_ARRAY);
put(begin, '{', step.OPEN_OBJECT);
put([state.ELEMENT, state.AFTER, ...ended], ']', step.CLOSE_ARRAY);
put([state.MEMBER, state.AFTER, ...ended], '}', step.CLOSE_OBJECT);
put([state.AFTER, ...ended], ',', step.COMMA);
put([state.KEY, state.MEMBER], '"', step.NAME);
put([state.COLON], ':', state.VALUE);
put(begin, '-', state.MINUS);
put([...begin, state.MINUS], '0', state.ZERO);
put([...begin, state.MINUS, state.INTEGER], nonZero, state.INTEGER);
put([state.INTEGER], '0', state.INTEGER);
put([state.ZERO, state.INTEGER], '.', state.POINT);
put([state.POINT, state.FRACTION], digits, state.FRACTION);
put([state.ZERO, state.INTEGER, state.FRACTION], 'eE', state.E);
put([state.E], '+-', state.SIGN);
put([state.E, state.SIGN, state.EXPONENT], digits, state.EXPONENT);
put(ended, space, state.AFTER);
let free: number = wordsFrom;
for (const word of ['true', 'false', 'null']) {
  let from = begin;
  for (const [index, char] of Array.from(word).entries()) {
    const next = index === word.length - 1 ? state.AFTER : free++;
    put(from, char, next);
    from = [next];
  }
}

const within = { PLAIN: 0, QUOTE: 1, ESCAPE: 2, CONTROL: 3 } as const;
/** What a byte in a string is. */
const inString = new Uint8Array(256).fill(within.CONTROL, 0, 0x20);
inString['"'.charCodeAt(0)] = within.QUOTE;
inString['\\'.charCodeAt(0)] = within.ESCAPE;
const simpleEscape = new Set(Buffer.from('"\\/bfnrt'));
const unicodeEscape = 'u'.charCodeAt(0);
const hex = new Uint8Array(256);
for (const char of '0123456789abcdefABCDEF') hex[char.charCodeAt(0)] = 1;

/** Bytes of the escape at `at`. */
const escapeBytes = (bytes: Uint8Array, at: number): number => {
  const letter = bytes[at + 1] ?? 0;
  if (letter !== unicodeEscape) {
    if (simpleEscape.has(letter)) return 2;
    throw new NotJson(at + 1);
  }
  for (let digit = at + 2; digit < at + 6; digit++) {
    if (hex[bytes[digit] ?? 0] !== 1) throw new NotJson(digit);
  }
  return 6;
};

const spaces = new Uint8Array(256);
for (const char of space) spaces[char.charCodeAt(0)] = 1;

/** Whether a byte is white space between tokens. */
export const isSpace = (byte: number | undefined): boolean => spaces[byte ?? 0] === 1;

/** The first byte from `from` on that is no white space. */
export const skipSpace = (bytes: Uint8Array, from: number): number => {
  const { length } = bytes;
  let at = from;
  // Within the bounds: V8 is many times slower once it has seen a look beyond them.
  while (at < length && spaces[bytes[at] ?? 0] === 1) at++;
  return at;
};

/** Where the string ends whose opening quote is at `from`. */
export const afterString = (bytes: Uint8Array, from: number): number => {
  let at = from + 1;
  const { length } = bytes;
  while (at < length) {
    const kind = inString[bytes[at] ?? 0];
    if (kind === within.PLAIN) at++;
    else if (kind === within.QUOTE) return at + 1;
    else if (kind === within.ESCAPE) at += escapeBytes(bytes, at);
    else break;
  }
  throw new NotJson(at);
};

const grown = (open: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const more = new Uint8Array(4 * open.length);
  more.set(open);
  return more;
};

/**
 * Where the value ends that begins at `from`, white space around it included. Looks no further than
 * `end`. Throws a `NotJson`, at `end` or behind it when the value does not end before.
 */
export const afterValue = (bytes: Uint8Array, from: number, end = bytes.length): number => {
  /** The arrays and objects that are open, as the steps that opened them. */
  let open = new Uint8Array(64);
  let depth = 0;
  let now: number = state.VALUE;
  let at = from;
  while (at < end) {
    const next = table[now * 256 + (bytes[at] ?? 0)] ?? 0;
    if (next < step.STRING) {
      if (next === 0) throw new NotJson(at);
      now = next;
      at++;
      continue;
    }
    switch (next) {
      case step.STRING:
      case step.NAME:
        now = next === step.NAME ? state.COLON : state.AFTER;
        at = afterString(bytes, at);
        continue;
      case step.COMMA:
        if (depth === 0) return at;
        now = open[depth - 1] === step.OPEN_OBJECT ? state.KEY : state.VALUE;
        break;
      case step.OPEN_ARRAY:
      case step.OPEN_OBJECT:
        if (depth === open.length) open = grown(open);
        open[depth++] = next;
        now = next === step.OPEN_OBJECT ? state.MEMBER : state.ELEMENT;
        break;
      default:
        if (depth === 0) return at;
        if (open[--depth] !== next - closing) throw new NotJson(at);
        now = state.AFTER;
    }
    at++;
  }
  const mayEnd = table[now * 256 + space.charCodeAt(0)] === state.AFTER;
  if (depth > 0 || !mayEnd) throw new NotJson(at);
  return at;
};

/** Whether the bytes are one JSON value, with nothing but white space around it. */
export const isJson = (bytes: Uint8Array): boolean => {
  try {
    return afterValue(bytes, 0) === bytes.length;
  } catch (error) {
    if (error instanceof NotJson) return false;
    throw error;
  }
};
