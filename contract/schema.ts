// Codec -> JSON Schema (2020-12, as OpenAPI 3.1 uses it). Pure, by walking io-ts's own tags.

import type * as t from 'io-ts';
import { annotationOf } from './annotate.ts';

export type Schema = Readonly<Record<string, unknown>>;

interface Tagged {
  readonly _tag?: string;
  readonly props?: t.Props;
  readonly types?: readonly t.Mixed[];
  readonly type?: t.Mixed;
  readonly value?: unknown;
  readonly keys?: Readonly<Record<string, unknown>>;
}

const tagged = (codec: t.Mixed | undefined): Tagged =>
  codec === undefined ? {} : (codec as Tagged);

/** The fields of an object codec, through `exact` and `intersection`. */
export const fieldsOf = (codec: t.Mixed | undefined): t.Props => {
  const { _tag, props, types, type } = tagged(codec);
  if (_tag === 'InterfaceType' || _tag === 'PartialType') return props ?? {};
  if (_tag === 'ExactType' || _tag === 'RefinementType') return fieldsOf(type);
  if (_tag === 'IntersectionType')
    return Object.assign({}, ...(types ?? []).map(fieldsOf)) as t.Props;
  return {};
};

/** Names of the fields that an object codec wants. */
export const requiredOf = (codec: t.Mixed | undefined): readonly string[] => {
  const { _tag, props, types, type } = tagged(codec);
  if (_tag === 'InterfaceType') return Object.keys(props ?? {});
  if (_tag === 'ExactType' || _tag === 'RefinementType') return requiredOf(type);
  return _tag === 'IntersectionType' ? (types ?? []).flatMap(requiredOf) : [];
};

const isExact = (codec: t.Mixed): boolean => tagged(codec)._tag === 'ExactType';

const objectSchema = (codec: t.Mixed): Schema => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(fieldsOf(codec)).map(([key, field]) => [key, schemaOf(field)]),
  ),
  ...(requiredOf(codec).length > 0 ? { required: requiredOf(codec) } : {}),
  ...(isExact(codec) ? { additionalProperties: false } : {}),
});

const bare = (codec: t.Mixed): Schema => {
  const { _tag, value, keys, types } = tagged(codec);
  switch (_tag) {
    case 'StringType':
      return { type: 'string' };
    case 'NumberType':
      return { type: 'number' };
    case 'LiteralType':
      return { const: value };
    case 'KeyofType':
      return { type: 'string', enum: Object.keys(keys ?? {}) };
    case 'UnionType':
      return { oneOf: (types ?? []).map(schemaOf) };
    case 'InterfaceType':
    case 'PartialType':
    case 'ExactType':
    case 'IntersectionType':
      return objectSchema(codec);
    default:
      return {};
  }
};

/** The schema of a codec, with what `annotate` said of it. */
export const schemaOf = (codec: t.Mixed): Schema => {
  const { nullable, example, type, ...said } = annotationOf(codec);
  return {
    ...bare(codec),
    ...(type === undefined ? {} : { type: nullable === true ? [type, 'null'] : type }),
    ...said,
    ...(example === undefined ? {} : { examples: [example] }),
  };
};
