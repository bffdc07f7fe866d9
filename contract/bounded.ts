// Codecs for single values with bounds. A codec's name is what an explanation says was expected.

import * as t from 'io-ts';
import { annotate } from './annotate.ts';

const refined = <A>(name: string, is: (u: unknown) => u is A): t.Type<A> =>
  new t.Type(name, is, (u, context) => (is(u) ? t.success(u) : t.failure(u, context)), t.identity);

/** An integer from `minimum` to `maximum`, both included. */
export const integer = (minimum: number, maximum: number): t.Type<number> =>
  annotate(
    refined(
      `an integer from ${minimum} to ${maximum}`,
      (u): u is number =>
        typeof u === 'number' && Number.isSafeInteger(u) && u >= minimum && u <= maximum,
    ),
    { type: 'integer', minimum, maximum },
  );

/** A number from `minimum` to `maximum`, both included; not NaN. */
export const number = (minimum: number, maximum: number): t.Type<number> =>
  annotate(
    refined(
      `a number from ${minimum} to ${maximum}`,
      (u): u is number => typeof u === 'number' && u >= minimum && u <= maximum,
    ),
    { type: 'number', minimum, maximum },
  );

/** A text of at most `bytesMax` bytes of UTF-8. */
export const source = (bytesMax: number): t.Type<string> =>
  annotate(
    refined(
      `a string of at most ${bytesMax} bytes`,
      (u): u is string => typeof u === 'string' && Buffer.byteLength(u) <= bytesMax,
    ),
    { type: 'string', maxLength: bytesMax },
  );

/** A text of 1 to `charsMax` UTF-16 units without lone surrogates, or null. */
export const idOrNull = (charsMax: number): t.Type<string | null> =>
  annotate(
    refined(
      `a well-formed string of 1 to ${charsMax} characters, or null`,
      (u): u is string | null =>
        u === null ||
        (typeof u === 'string' && u.length >= 1 && u.length <= charsMax && u.isWellFormed()),
    ),
    { type: 'string', minLength: 1, maxLength: charsMax, nullable: true },
  );
