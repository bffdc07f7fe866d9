// Is this text JSON? Answered without building a single object: what an interpreter hands over is
// not trusted to be what it says. Grammar: ECMA-404. Iterative, so that depth costs no stack.

const code = (char: string): number => char.charCodeAt(0);

const QUOTE = code('"');
const BACKSLASH = code('\\');
const COMMA = code(',');
const COLON = code(':');
const OPEN_ARRAY = code('[');
const CLOSE_ARRAY = code(']');
const OPEN_OBJECT = code('{');
const CLOSE_OBJECT = code('}');

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const word = /true|false|null/y;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Where `pattern` ends when it matches at `at`, else -1. */
const after = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
};

const skipSpace = (text: string, from: number): number => {
  let at = from;
  for (;;) {
    const char = text.charCodeAt(at);
    if (char !== 0x20 && char !== 0x0a && char !== 0x0d && char !== 0x09) return at;
    at++;
  }
};

/** Where the string that starts at `at` ends, else -1. */
const afterString = (text: string, from: number): number => {
  if (text.charCodeAt(from) !== QUOTE) return -1;
  let at = from + 1;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) return at + 1;
    if (char < 0x20) return -1;
    if (char === BACKSLASH) {
      at = after(escape, text, at);
      if (at < 0) return -1;
    } else at++;
  }
  return -1;
};

const afterScalar = (text: string, at: number): number => {
  const char = text.charCodeAt(at);
  if (char === QUOTE) return afterString(text, at);
  return after(char === code('-') || (char >= 0x30 && char <= 0x39) ? number : word, text, at);
};

/** Where the `"key":` that starts at `from` ends, else -1. */
const afterKey = (text: string, from: number): number => {
  const end = afterString(text, skipSpace(text, from));
  const colon = end < 0 ? -1 : skipSpace(text, end);
  return colon >= 0 && text.charCodeAt(colon) === COLON ? colon + 1 : -1;
};

/** After a value: closes what ends here and steps over one comma. -1: malformed. */
const afterValue = (text: string, from: number, open: number[]): number => {
  let at = skipSpace(text, from);
  while (open.length > 0) {
    const inObject = open.at(-1) === OPEN_OBJECT;
    const char = text.charCodeAt(at);
    if (char === COMMA) return inObject ? afterKey(text, at + 1) : at + 1;
    if (char !== (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return -1;
    open.pop();
    at = skipSpace(text, at + 1);
  }
  return at;
};

/** Whether `text` is one JSON value, with nothing but white space around it. */
export const isJson = (text: string): boolean => {
  const open: number[] = [];
  let at = 0;
  do {
    at = skipSpace(text, at);
    const char = text.charCodeAt(at);
    if (char === OPEN_ARRAY || char === OPEN_OBJECT) {
      const close = char === OPEN_ARRAY ? CLOSE_ARRAY : CLOSE_OBJECT;
      const inside = skipSpace(text, at + 1);
      if (text.charCodeAt(inside) === close) at = afterValue(text, inside + 1, open);
      else {
        open.push(char);
        at = char === OPEN_OBJECT ? afterKey(text, inside) : inside;
      }
    } else {
      const end = afterScalar(text, at);
      at = end < 0 ? -1 : afterValue(text, end, open);
    }
    if (at < 0) return false;
  } while (open.length > 0);
  return at === text.length;
};
