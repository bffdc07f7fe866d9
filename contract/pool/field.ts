// Codecs for the fields of a SandboxPool. Each checks in TypeScript what its annotation makes the
// API server check, so that both accept the same values.

import * as t from 'io-ts';
import { isLeft } from 'fp-ts/lib/Either.js';
import { annotate, type Annotation, type Rule } from '../annotate.ts';

const refined = <A>(name: string, is: (u: unknown) => u is A, annotation: Annotation): t.Type<A> =>
  annotate(
    new t.Type(
      name,
      is,
      (u, context) => (is(u) ? t.success(u) : t.failure(u, context)),
      t.identity,
    ),
    annotation,
  );

/** A string that a pattern describes; CEL and the codec count its characters alike. */
export const text = (
  expected: string,
  {
    pattern,
    maxLength,
    minLength = 0,
  }: {
    readonly pattern?: string;
    readonly maxLength: number;
    readonly minLength?: number;
  },
): t.Type<string> => {
  const regex = pattern === undefined ? undefined : new RegExp(pattern, 'u');
  return refined(
    expected,
    (u): u is string => {
      if (typeof u !== 'string') return false;
      const length = Array.from(u).length;
      return length >= minLength && length <= maxLength && (regex?.test(u) ?? true);
    },
    {
      type: 'string',
      maxLength,
      ...(minLength > 0 ? { minLength } : {}),
      ...(pattern === undefined ? {} : { pattern }),
    },
  );
};

/** An integer from `minimum` on, or a string that the pattern describes. */
export const integerOr = (
  expected: string,
  {
    pattern,
    minimum,
    maximum,
  }: {
    readonly pattern: string;
    readonly minimum: number;
    readonly maximum: number;
  },
): t.Type<number | string> => {
  const regex = new RegExp(pattern, 'u');
  return refined(
    expected,
    (u): u is number | string =>
      typeof u === 'string'
        ? regex.test(u)
        : Number.isInteger(u) && (u as number) >= minimum && (u as number) <= maximum,
    { intOrString: true, pattern, minimum, maximum },
  );
};

export const boolean: t.Type<boolean> = annotate(t.boolean, { type: 'boolean' });

/** One of a few words. */
export const oneOf = <K extends string>(...words: readonly K[]): t.Type<K> =>
  t.keyof(Object.fromEntries(words.map((word) => [word, null])) as Record<K, null>);

/** Whether no two items have the same values under all of `keys`. */
const areDistinct = (items: readonly unknown[], keys: readonly string[]): boolean => {
  const named = items.map((item) =>
    JSON.stringify(keys.map((key) => (item as Readonly<Record<string, unknown>>)[key])),
  );
  return new Set(named).size === items.length;
};

/** A list of at most `maxItems`, no two of them the same by `keys`. */
export const list = <A>(item: t.Type<A>, maxItems: number, keys?: readonly string[]) => {
  const array = t.array(item);
  const bounded = (u: readonly unknown[]): boolean => u.length <= maxItems;
  const distinct = (u: A[]): boolean => keys === undefined || areDistinct(u, keys);
  const codec = new t.Type<A[]>(
    `a list of at most ${maxItems} items${keys ? `, each with another ${keys.join(' and ')}` : ''}`,
    (u): u is A[] => array.is(u) && bounded(u) && distinct(u),
    (u, context) => {
      if (Array.isArray(u) && !bounded(u)) return t.failure(u, context);
      const decoded = array.validate(u, context);
      return isLeft(decoded) || distinct(decoded.right) ? decoded : t.failure(u, context);
    },
    t.identity,
  );
  const shape = { type: 'array', maxItems, ...(keys ? { listMapKeys: keys } : {}) };
  return annotate(Object.assign(codec, { item }), shape);
};

/** A map of at most `maxProperties` strings to values. */
export const dictionary = <A>(value: t.Type<A>, maxProperties: number) => {
  const record = t.record(t.string, value);
  const codec = new t.Type<Record<string, A>>(
    `a map of at most ${maxProperties} entries`,
    (u): u is Record<string, A> => record.is(u) && Object.keys(u).length <= maxProperties,
    (u, context) =>
      typeof u === 'object' && u !== null && Object.keys(u).length > maxProperties
        ? t.failure(u, context)
        : record.validate(u, context),
    t.identity,
  );
  return annotate(Object.assign(codec, { values: value }), { type: 'object', maxProperties });
};

/** An object whose fields are all optional, and none other allowed. */
export const optional = <P extends t.Props>(props: P) => t.exact(t.partial(props));

/**
 * `codec` with a rule across its fields: `holds` in TypeScript, `rule` in CEL for the API server.
 */
export const ruled = <C extends t.Mixed>(
  codec: C,
  { rule, message, holds }: Rule & { readonly holds: (value: t.TypeOf<C>) => boolean },
) =>
  annotate(
    new t.RefinementType<C, t.TypeOf<C>, t.OutputOf<C>>(
      message,
      (u): u is t.TypeOf<C> => codec.is(u) && holds(u as t.TypeOf<C>),
      (u, context) => {
        const decoded = codec.validate(u, context);
        if (isLeft(decoded) || holds(decoded.right as t.TypeOf<C>)) return decoded;
        return t.failure(u, context, message);
      },
      codec.encode,
      codec,
      holds,
    ),
    { rules: [{ rule, message }] },
  );
