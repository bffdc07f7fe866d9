// The bytes of a JSON object -> where each of its fields lies. One pass, in which nothing is parsed
// but names: what a body costs follows from its length, whatever it is made of.

import { failureLimits, requestLimits } from './limits.ts';
import { afterString, afterValue, isSpace, NotJson, skipSpace } from './json.ts';

/** A value's bytes, without white space around it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Fields {
  /** Those that are known; the last one of a name counts, as in JSON.parse. */
  readonly known: ReadonlyMap<string, Span>;
  /** Names of the others, each once; undefined for all that are longer than any name. */
  readonly unknown: ReadonlySet<string | undefined>;
  /** Why the rest was not read: the array or object at `from` is too long, or fields too many. */
  readonly stopped:
    { readonly field: string | undefined; readonly from: number } | 'count' | undefined;
}

/** Which fields there are. */
export interface Shape {
  readonly names: readonly string[];
  /** The one that may be a large array or object. */
  readonly large: string;
}

type Kind = 'array' | 'object' | 'string' | 'other';

const code = (char: string): number => char.charCodeAt(0);
const kinds: ReadonlyMap<number | undefined, Kind> = new Map([
  [code('['), 'array'],
  [code('{'), 'object'],
  [code('"'), 'string'],
]);

/** What the value at `at` is by its first byte. */
export const kindAt = (bytes: Uint8Array, at: number): Kind => kinds.get(bytes[at]) ?? 'other';

/** Six characters for each, which is the longest escape of JSON. */
const nameBytesMax = 6 * failureLimits.shownCharsMax;

const nameOf = (bytes: Buffer, { from, to }: Span): string | undefined =>
  to - from > nameBytesMax ? undefined : (JSON.parse(bytes.toString('utf8', from, to)) as string);

/** Steps over white space and `char`. */
const over = (bytes: Uint8Array, from: number, char: string): number => {
  const at = skipSpace(bytes, from);
  if (bytes[at] !== code(char)) throw new NotJson(at);
  return skipSpace(bytes, at + 1);
};

const trimmed = (bytes: Uint8Array, from: number, end: number): Span => {
  let to = end;
  while (isSpace(bytes[to - 1])) to--;
  return { from, to };
};

/** The bytes of a value, or undefined when it is an array or object longer than `room`. */
const spanWithin = (bytes: Uint8Array, from: number, room: number): Span | undefined => {
  const isBounded = kindAt(bytes, from) === 'array' || kindAt(bytes, from) === 'object';
  const end = isBounded ? Math.min(bytes.length, from + room) : bytes.length;
  try {
    return trimmed(bytes, from, afterValue(bytes, from, end));
  } catch (error) {
    if (error instanceof NotJson && error.at >= end && end < bytes.length) return undefined;
    throw error;
  }
};

/**
 * The fields of the object that `bytes` are, which must be UTF-8. Throws a `NotJson` when they are
 * no JSON object, as far as they are read.
 */
export const readFields = (bytes: Buffer, { names, large }: Shape): Fields => {
  const known = new Map<string, Span>();
  const unknown = new Set<string | undefined>();
  // Arrays and objects are the dearest to look through: all that may be long share this.
  let room: number = requestLimits.inputBytesMax;
  let at = over(bytes, 0, '{');
  let isLast = bytes[at] === code('}');
  for (let count = 0; !isLast; count++) {
    if (count === requestLimits.fieldsMax) return { known, unknown, stopped: 'count' };
    if (kindAt(bytes, at) !== 'string') throw new NotJson(at);
    const nameEnd = afterString(bytes, at);
    const name = nameOf(bytes, { from: at, to: nameEnd });
    const isKnown = name !== undefined && names.includes(name);
    const isSmall = isKnown && name !== large;
    const from = over(bytes, nameEnd, ':');
    const span = spanWithin(bytes, from, isSmall ? requestLimits.fieldBytesMax : room);
    if (isKnown && span) known.set(name, span);
    if (!isKnown) unknown.add(name);
    if (!span) return { known, unknown, stopped: { field: name, from } };
    if (!isSmall && kindAt(bytes, from) !== 'string') room = Math.max(0, room - (span.to - from));
    const next = skipSpace(bytes, span.to);
    isLast = bytes[next] === code('}');
    at = isLast ? next : over(bytes, next, ',');
  }
  const end = over(bytes, at, '}');
  if (end !== bytes.length) throw new NotJson(end);
  return { known, unknown, stopped: undefined };
};
