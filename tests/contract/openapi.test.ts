// The OpenAPI document follows from the codecs.

import test from 'ava';
import { openapi } from '../../contract/openapi.ts';
import { httpStatus } from '../../contract/failure.ts';
import { requestLimits } from '../../contract/limits.ts';
import { schemaOf } from '../../contract/schema.ts';
import { ExecuteRequest } from '../../contract/request.ts';

interface ObjectSchema {
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

test('the request schema has the fields, bounds and descriptions of the codec', (t) => {
  const schema = schemaOf(ExecuteRequest) as unknown as ObjectSchema;
  t.deepEqual(schema.required, ['sandbox_id', 'init_script', 'script']);
  t.false(schema.additionalProperties);
  t.deepEqual(Object.keys(schema.properties), [
    'sandbox_id',
    'init_script',
    'script',
    'input',
    'seed',
    'now',
    'limits',
  ]);
  t.deepEqual(schema.properties['sandbox_id']?.['type'], ['string', 'null']);
  t.is(schema.properties['script']?.['maxLength'], requestLimits.sourceBytesCeiling);
  for (const field of Object.values(schema.properties)) t.is(typeof field['description'], 'string');
});

test('the document knows every HTTP code of the contract that /execute can answer', (t) => {
  const document = openapi('1.2.3') as unknown as {
    info: { version: string };
    paths: Record<string, { post?: { responses: Record<string, unknown> } }>;
  };
  t.is(document.info.version, '1.2.3');
  const codes = Object.keys(document.paths['/execute']?.post?.responses ?? {}).map(Number);
  const expected = new Set<number>(Object.values(httpStatus));
  for (const elsewhere of [httpStatus.NOT_FOUND, httpStatus.METHOD_NOT_ALLOWED]) {
    expected.delete(elsewhere);
  }
  t.deepEqual(codes.toSorted(), [...expected].toSorted());
});

test('the 400 schema tells all five statuses apart', (t) => {
  const text = JSON.stringify(openapi('0'));
  for (const status of [
    'RUNTIME_ERROR',
    'OUT_OF_FUEL',
    'OUT_OF_MEMORY',
    'OUT_OF_TIME',
    'INVALID_REQUEST',
  ]) {
    t.true(text.includes(`{"const":"${status}"}`), status);
  }
});
