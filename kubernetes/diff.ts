// What an observed object lacks, has otherwise, or has beyond what is desired. Pure. Below a strict
// path nothing may stand that is not desired; elsewhere what others added stays.

import { amountOf } from '../contract/pool/quantity.ts';

export interface Difference {
  /** As `spec.template.spec.containers[0].image`. */
  readonly path: string;
  readonly desired: unknown;
  readonly observed: unknown;
  /** Only observed: applying what is desired would not remove it. */
  readonly extra: boolean;
}

type Path = readonly (string | number)[];

const show = (path: Path): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Empty, these select everything: the opposite of what they mean when they are absent. */
const selectors = new Set(['labelSelector', 'namespaceSelector', 'podSelector', 'selector']);

/** The API server writes some absent fields as null and drops empty ones. */
const isAbsent = (value: unknown, key?: string | number): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) &&
    !selectors.has(String(key)) &&
    Object.entries(value).every(([name, each]) => isAbsent(each, name)));

const amountKeys = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** The API server rewrites `1000m` as `1`. */
const sameAmount = (path: Path, desired: unknown, observed: unknown): boolean => {
  const key = path.at(-1);
  const inResources = path.includes('limits') || path.includes('requests');
  if (!inResources || typeof key !== 'string' || !amountKeys.has(key)) return false;
  const plain = (value: unknown): value is string | number =>
    typeof value === 'string' || typeof value === 'number';
  return plain(desired) && plain(observed) && amountOf(desired) === amountOf(observed);
};

const differences = (
  path: Path,
  desired: unknown,
  observed: unknown,
  strict: (path: string) => boolean,
): readonly Difference[] => {
  const difference = { path: show(path), desired, observed };
  if (isObject(desired) && isObject(observed)) {
    const keys = Object.keys(desired);
    const foreign = Object.keys(observed).filter((key) => !(key in desired));
    const wanted = strict(show(path)) ? [...keys, ...foreign] : keys;
    return wanted.flatMap((key) =>
      differences([...path, key], desired[key], observed[key], strict),
    );
  }
  const key = path.at(-1);
  if (isAbsent(desired, key)) {
    // A list that is desired empty says nothing of what is in it, unless it is strict.
    const may = isAbsent(observed, key) || (desired !== undefined && !strict(show(path)));
    return may ? [] : [{ ...difference, extra: true }];
  }
  if (isAbsent(observed, key)) return [{ ...difference, extra: false }];
  if (Array.isArray(desired) && Array.isArray(observed)) {
    if (desired.length !== observed.length) {
      return [{ ...difference, extra: observed.length > desired.length }];
    }
    return desired.flatMap((each, index) =>
      differences([...path, index], each, observed[index], strict),
    );
  }
  const same = desired === observed || sameAmount(path, desired, observed);
  return same ? [] : [{ ...difference, extra: false }];
};

/** @param strictPaths where nothing foreign may stand, as `spec.template` */
export const diff = (
  desired: object,
  observed: object,
  strictPaths: readonly string[],
): readonly Difference[] => {
  const strict = (path: string): boolean =>
    strictPaths.some(
      (each) => path === each || path.startsWith(`${each}.`) || path.startsWith(`${each}[`),
    );
  return differences([], desired, observed, strict);
};

/**
 * `observed` with what is desired in it and, at the strict paths, nothing else: the body of a
 * replacement, where applying alone would leave additions.
 */
export const merged = (desired: unknown, observed: unknown, strictPaths: readonly string[]) =>
  merge([], desired, observed, strictPaths);

const merge = (
  path: readonly string[],
  desired: unknown,
  observed: unknown,
  strictPaths: readonly string[],
): unknown => {
  if (strictPaths.includes(path.join('.')) || !isObject(desired) || !isObject(observed)) {
    return desired;
  }
  const fields = Object.entries(desired).map(([key, value]) => [
    key,
    merge([...path, key], value, observed[key], strictPaths),
  ]);
  return { ...observed, ...(Object.fromEntries(fields) as object) };
};
