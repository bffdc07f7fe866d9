// Tells a caller what is wrong with a value: each field by its path, what was expected, what came.
// Pure: faults in, text out. Values are shown cut, so that no answer grows with a hostile request.

import type * as t from 'io-ts';
import { failureLimits } from './limits.ts';

/** One thing wrong with a request. */
export interface Fault {
  /** Where, as `limits.fuel`; empty for the whole value. */
  readonly path: string;
  readonly expected: string;
  readonly came: string;
}

const kind = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
};

const scalar = (value: string | number | boolean): string => {
  const max = failureLimits.shownCharsMax;
  if (typeof value !== 'string') return String(value);
  if (value.length <= max) return JSON.stringify(value);
  return `a string of ${Buffer.byteLength(value)} bytes`;
};

/** A short description of any JSON value: small scalars themselves, anything else by its kind. */
export const show = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  const plain =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return plain ? scalar(value) : kind(value);
};

const pathOf = (context: t.Context): string =>
  context
    .map((entry) => entry.key)
    .filter((key) => key !== '' && !/^\d+$/.test(key))
    .join('.');

/** Faults from io-ts's own errors, one per path. */
export const faultsOf = (errors: t.Errors): readonly Fault[] => {
  const seen = new Map<string, Fault>();
  for (const error of errors) {
    const path = pathOf(error.context);
    const expected = error.context.at(-1)?.type.name ?? 'another value';
    if (!seen.has(path)) seen.set(path, { path, expected, came: show(error.value) });
  }
  return [...seen.values()];
};

/** Edits (insert, delete, replace) from `a` to `b`: Levenshtein's distance, by rows. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};

const plainly = (key: string): string => key.toLowerCase().replaceAll(/[^a-z]/g, '');

const alike = (a: string, b: string): boolean =>
  a.length >= 3 && (b.startsWith(a) || distance(a, b) <= Math.max(1, Math.floor(b.length / 3)));

/**
 * The known field that an unknown one was probably meant to be: the nearest of those that are
 * alike.
 */
export const meant = (unknown: string, known: readonly string[]): string | undefined => {
  if (unknown.length > 2 * failureLimits.shownCharsMax) return undefined;
  const word = plainly(unknown);
  const near = (key: string): number => distance(word, plainly(key));
  return known.filter((key) => alike(word, plainly(key))).toSorted((a, b) => near(a) - near(b))[0];
};

const shownKey = (key: string | undefined): string => {
  if (key === undefined) return 'a field whose name is longer than any';
  if (key.length > failureLimits.shownCharsMax) return `a field of ${key.length} characters`;
  return /^[\w$]+$/.test(key) ? key : JSON.stringify(key);
};

/**
 * A fault for a field that is not known, of undefined name when that is too long to be looked at;
 * with `guessing`, also a guess at what was meant.
 */
export const unknownField = (
  path: string,
  key: string | undefined,
  known: readonly string[],
  guessing = true,
): Fault => {
  const guess = guessing && key !== undefined ? meant(key, known) : undefined;
  const shown = shownKey(key);
  return {
    path: path === '' ? shown : `${path}.${shown}`,
    expected:
      guess === undefined ? `one of the fields ${known.join(', ')}` : `did you mean "${guess}"?`,
    came: 'an unknown field',
  };
};

/** At most `faultsMax` faults as one text. */
export const listed = (faults: readonly Fault[]): string => {
  const lines = faults
    .slice(0, failureLimits.faultsMax)
    .map(({ path, expected, came }) =>
      came === 'an unknown field'
        ? `${path}: ${came}; ${expected}`
        : `${path === '' ? 'body' : path}: expected ${expected}, got ${came}`,
    );
  const more = faults.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  return lines.join('; ');
};

const ended = (sentence: string): string => (sentence.endsWith('?') ? sentence : `${sentence}.`);

/** The text of an INVALID_REQUEST: what is wrong, then a request that would be right. */
export const explain = (faults: readonly Fault[], example: unknown): string =>
  `${ended(listed(faults))} A correct request: ${JSON.stringify(example)}`;
