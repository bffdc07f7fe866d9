// Codec -> JSON Schema (2020-12, as OpenAPI 3.1 uses it). Pure, by walking io-ts's own tags.

import type * as t from 'io-ts';
import { annotationOf } from './annotate.ts';

export type Schema = Readonly<Record<string, unknown>>;

type Tagged = t.Mixed & {
  readonly _tag?: string;
  readonly props?: t.Props;
  readonly types?: readonly t.Mixed[];
  readonly type?: t.Mixed;
  readonly value?: unknown;
  readonly keys?: Readonly<Record<string, unknown>>;
};

/** The fields of an object codec, through `exact` and `intersection`. */
export const fieldsOf = (codec: t.Mixed | undefined): t.Props => {
  const { _tag, props, types, type } = (codec ?? {}) as Tagged;
  if (_tag === 'InterfaceType' || _tag === 'PartialType') return props ?? {};
  if (_tag === 'ExactType') return fieldsOf(type);
  if (_tag === 'IntersectionType') return Object.assign({}, ...(types ?? []).map(fieldsOf)) as t.Props;
  return {};
};

const requiredOf = (codec: t.Mixed | undefined): readonly string[] => {
  const { _tag, props, types, type } = (codec ?? {}) as Tagged;
  if (_tag === 'InterfaceType') return Object.keys(props ?? {});
  if (_tag === 'ExactType') return requiredOf(type);
  return _tag === 'IntersectionType' ? (types ?? []).flatMap(requiredOf) : [];
};

const isExact = (codec: Tagged): boolean => codec._tag === 'ExactType';

const objectSchema = (codec: Tagged): Schema => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(fieldsOf(codec)).map(([key, field]) => [key, schemaOf(field)]),
  ),
  ...(requiredOf(codec).length > 0 ? { required: requiredOf(codec) } : {}),
  ...(isExact(codec) ? { additionalProperties: false } : {}),
});

const bare = (codec: Tagged): Schema => {
  switch (codec._tag) {
    case 'StringType':
      return { type: 'string' };
    case 'NumberType':
      return { type: 'number' };
    case 'LiteralType':
      return { const: codec.value };
    case 'KeyofType':
      return { type: 'string', enum: Object.keys(codec.keys ?? {}) };
    case 'UnionType':
      return { oneOf: (codec.types ?? []).map(schemaOf) };
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
    ...bare(codec as Tagged),
    ...(type === undefined ? {} : { type: nullable === true ? [type, 'null'] : type }),
    ...said,
    ...(example === undefined ? {} : { examples: [example] }),
  };
};
