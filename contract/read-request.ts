// The body of POST /execute -> a request, or the faults that say why not. Whoever sends a body may
// fill it with anything: `input` is passed on as the text that it is, and what is not known is not
// parsed. Pure.

import { show, unknownField, type Fault } from './explain.ts';
import { kindAt, readFields, type Fields, type Span } from './fields.ts';
import { isJson, NotJson } from './json.ts';
import { failureLimits, requestLimits, type EvaluationLimits } from './limits.ts';
import { ExecuteRequest, type CheckedRequest } from './request.ts';
import { fieldsOf } from './schema.ts';
import { inputFault, validateRequest, type Validated } from './validate.ts';

const fields = fieldsOf(ExecuteRequest);
const names = Object.keys(fields);

const textOf = (bytes: Buffer, { from, to }: Span): string => bytes.toString('utf8', from, to);

/** The fields of a body as they lie in it, whoever asks: a router and its runtime see the same. */
export const fieldsOfRequest = (bytes: Buffer): Fields =>
  readFields(bytes, { names, large: 'input' });

/** The value of a field, which is no large array or object. */
export const valueOf = (bytes: Buffer, span: Span): unknown => JSON.parse(textOf(bytes, span));

const hexOf = (char: string): string =>
  (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

const unexpected = (bytes: Buffer, at: number): string => {
  if (at >= bytes.length) return 'it ends too early';
  // At least one character, of at most four bytes.
  const [char = ''] = bytes.toString('utf8', at, at + 4);
  // What is not seen, as a byte order mark, is written as an escape.
  const seen = /[\p{L}\p{N}\p{P}\p{S}]/u.test(char) ? char : `U+${hexOf(char)}`;
  return `unexpected ${JSON.stringify(seen)} at byte ${at}`;
};

const noObject = (bytes: Buffer, { at }: NotJson): Fault => {
  const isShort = bytes.length <= requestLimits.fieldBytesMax;
  const cameFor = (): string => {
    if (bytes.length === 0) return 'an empty body';
    if (isShort && isJson(bytes)) return show(JSON.parse(bytes.toString()));
    return `text that is not JSON (${unexpected(bytes, at)})`;
  };
  return { path: '', expected: 'a JSON object', came: cameFor() };
};

/** Why a body was not read to its end. */
const stopFaults = (bytes: Buffer, stopped: NonNullable<Fields['stopped']>): readonly Fault[] => {
  if (stopped === 'count') {
    return [{ path: '', expected: `at most ${requestLimits.fieldsMax} fields`, came: 'more' }];
  }
  const { field, from } = stopped;
  if (field === 'input') return [inputFault('more')];
  const codec = field === undefined ? undefined : fields[field];
  // One that is not known is named as such.
  if (field === undefined || !codec) return [];
  const came = `an ${kindAt(bytes, from)} of more than ${requestLimits.fieldBytesMax} bytes`;
  return [{ path: field, expected: codec.name, came }];
};

/** An `input` that is no array or object may still be a string that is too long. */
const longInput = (span: Span | undefined): readonly Fault[] => {
  const length = span ? span.to - span.from : 0;
  return length > requestLimits.inputBytesMax ? [inputFault(`${length} bytes`)] : [];
};

const readFrom = (
  bytes: Buffer,
  { known, unknown, stopped }: Fields,
  server: EvaluationLimits,
): Validated<CheckedRequest> => {
  const strange = [...unknown].map((name, index) =>
    unknownField('', name, names, index < failureLimits.faultsMax),
  );
  if (stopped) return { ok: false, faults: [...stopFaults(bytes, stopped), ...strange] };
  const input = known.get('input');
  const others = [...known].filter(([name]) => name !== 'input');
  const value = Object.fromEntries(others.map(([name, span]) => [name, valueOf(bytes, span)]));
  const request = validateRequest(value, server);
  const faults = [...(request.ok ? [] : request.faults), ...longInput(input), ...strange];
  if (!request.ok || faults.length > 0) return { ok: false, faults };
  return { ok: true, value: { ...request.value, input_json: input && textOf(bytes, input) } };
};

/** Reads a body, which must be UTF-8. */
export const readRequest = (bytes: Buffer, server: EvaluationLimits): Validated<CheckedRequest> => {
  try {
    return readFrom(bytes, fieldsOfRequest(bytes), server);
  } catch (error) {
    if (error instanceof NotJson) return { ok: false, faults: [noObject(bytes, error)] };
    throw error;
  }
};
