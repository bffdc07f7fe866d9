// Codec -> structural schema, the part of OpenAPI v3 that Kubernetes takes for a CRD: no
// references, no additionalProperties beside properties, rules in CEL. Pure, by walking io-ts's
// own tags.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema

import type * as t from 'io-ts';
import { annotationOf, type Annotation } from '../annotate.ts';
import { fieldsOf, requiredOf, type Schema } from '../schema.ts';

interface Shaped {
  readonly _tag?: string;
  readonly keys?: Readonly<Record<string, unknown>>;
  /** Of a list. */
  readonly item?: t.Mixed;
  /** Of a map. */
  readonly values?: t.Mixed;
  /** Of a codec with a rule. */
  readonly type?: t.Mixed;
}

const objectTags = new Set(['InterfaceType', 'PartialType', 'ExactType', 'IntersectionType']);

const objectSchema = (codec: t.Mixed): Schema => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(fieldsOf(codec)).map(([key, field]) => [key, structuralOf(field)]),
  ),
  ...(requiredOf(codec).length > 0 ? { required: requiredOf(codec) } : {}),
});

const shapeOf = (codec: t.Mixed): Schema => {
  const { _tag, keys, item, values, type } = codec as Shaped;
  if (_tag === 'RefinementType' && type) return structuralOf(type);
  if (_tag !== undefined && objectTags.has(_tag)) return objectSchema(codec);
  if (_tag === 'KeyofType') return { type: 'string', enum: Object.keys(keys ?? {}) };
  if (item) return { items: structuralOf(item) };
  if (values) return { additionalProperties: structuralOf(values) };
  return {};
};

const said = ({ rules, intOrString, listMapKeys, ...rest }: Annotation): Schema => ({
  ...rest,
  ...(intOrString === true ? { 'x-kubernetes-int-or-string': true } : {}),
  ...(listMapKeys
    ? { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': listMapKeys }
    : {}),
  ...(rules ? { 'x-kubernetes-validations': rules } : {}),
});

/** The structural schema of a codec. */
export const structuralOf = (codec: t.Mixed): Schema => {
  const shape = shapeOf(codec);
  const own = said(annotationOf(codec));
  return { ...shape, ...own };
};
