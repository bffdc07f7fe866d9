// Says of a codec what its type alone does not: a description, bounds, an example. Schemas
// (OpenAPI, the CRD) read it; validation does not need it, since bounds are part of the codecs made
// in bounded.ts.

import type * as t from 'io-ts';

/** Keywords of JSON Schema that a codec carries with it. */
export interface Annotation {
  readonly description?: string;
  readonly type?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly nullable?: boolean;
  readonly example?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  /** Kubernetes: an integer or a string that the pattern describes. */
  readonly intOrString?: boolean;
  /** Kubernetes: a list whose elements these fields tell apart. */
  readonly listMapKeys?: readonly string[];
  /** Kubernetes: rules in CEL, each with what it says when broken. */
  readonly rules?: readonly Rule[];
}

/** A rule that the API server checks; the codec that carries it checks the same in TypeScript. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
}

const annotations = new WeakMap<t.Mixed, Annotation>();

/**
 * A codec that behaves as `codec` and carries `annotation`, added to what `codec` carries already.
 */
export const annotate = <C extends t.Mixed>(codec: C, annotation: Annotation): C => {
  const prototype = Object.getPrototypeOf(codec) as object;
  const copy = Object.assign(Object.create(prototype) as C, codec);
  annotations.set(copy, { ...annotations.get(codec), ...annotation });
  return copy;
};

/** What `annotate` said of this codec. */
export const annotationOf = (codec: t.Mixed): Annotation => annotations.get(codec) ?? {};
