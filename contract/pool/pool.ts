// A SandboxPool as the API server holds it, and untrusted JSON -> SandboxPool. Pure.

import { isLeft } from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { faultsOf, unknownField, type Fault } from '../explain.ts';
import { failureLimits } from '../limits.ts';
import { fieldsOf } from '../schema.ts';
import type { Validated } from '../validate.ts';
import { SandboxPoolSpec } from './spec.ts';
import type { SandboxPoolStatus } from './status.ts';

export interface SandboxPool {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly generation: number;
    readonly deletionTimestamp?: string;
  };
  readonly spec: SandboxPoolSpec;
  readonly status?: SandboxPoolStatus;
}

interface Containing {
  readonly item?: t.Mixed;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unknownIn = (codec: t.Mixed, value: unknown, path: string): readonly Fault[] => {
  const { item } = codec as Containing;
  if (item && Array.isArray(value)) {
    return value.flatMap((each, index) => unknownIn(item, each, `${path}[${index}]`));
  }
  const fields = fieldsOf(codec);
  const known = Object.keys(fields);
  if (known.length === 0 || !isObject(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    const field = fields[key];
    const at = path === '' ? key : `${path}.${key}`;
    return field ? unknownIn(field, each, at) : [unknownField(path, key, known, true)];
  });
};

/** Checks a spec as the API server does under fieldValidation=Strict. */
export const validateSpec = (value: unknown): Validated<SandboxPoolSpec> => {
  const decoded = SandboxPoolSpec.decode(value);
  const wrong = isLeft(decoded) ? faultsOf(decoded.left) : [];
  const faults = [...wrong, ...unknownIn(SandboxPoolSpec, value, '')];
  if (faults.length > 0 || isLeft(decoded)) {
    return { ok: false, faults: faults.slice(0, failureLimits.faultsMax) };
  }
  return { ok: true, value: decoded.right };
};
