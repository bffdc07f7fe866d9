// An untrusted value -> a request, or the faults that say why not. Pure.

import { isLeft } from 'fp-ts/lib/Either.js';
import { faultsOf, show, unknownField, type Fault } from './explain.ts';
import { isJson } from './json.ts';
import { failureLimits, requestLimits, type EvaluationLimits } from './limits.ts';
import { ExecuteRequest, type CheckedRequest, type Evaluation } from './request.ts';
import { fieldsOf } from './schema.ts';

/** A value that fits, or everything that is wrong with it. */
export type Validated<A> =
  | { readonly ok: true; readonly value: A }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unknownFields = (value: unknown, path: string, known: readonly string[]): readonly Fault[] =>
  isObject(value)
    ? Object.keys(value)
        .filter((key) => !known.includes(key))
        // A guess costs time, and a body has room for a million keys: only those shown get one.
        .map((key, index) => unknownField(path, key, known, index < failureLimits.faultsMax))
    : [];

const aboveServer = (request: ExecuteRequest, server: EvaluationLimits): readonly Fault[] => {
  const { fuel, memory_bytes } = request.limits ?? {};
  const pairs = [
    { path: 'limits.fuel', value: fuel, max: server.fuelMax },
    { path: 'limits.memory_bytes', value: memory_bytes, max: server.memoryBytesMax },
  ];
  return pairs
    .filter(({ value, max }) => value !== undefined && value > max)
    .map(({ path, value, max }) => ({
      path,
      expected: `at most the server's own ${max}`,
      came: String(value),
    }));
};

const tooLong = (request: ExecuteRequest, server: EvaluationLimits): readonly Fault[] =>
  (['init_script', 'script'] as const)
    .map((path) => ({ path, bytes: Buffer.byteLength(request[path]) }))
    .filter(({ bytes }) => bytes > server.sourceBytesMax)
    .map(({ path, bytes }) => ({
      path,
      expected: `a string of at most ${server.sourceBytesMax} bytes`,
      came: `${bytes} bytes`,
    }));

/** Undefined for a function or a symbol, whatever its own type says. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;

const notJson = (input: unknown, error: unknown): string => {
  if (error instanceof RangeError) return 'JSON that is too deep';
  const why = error instanceof Error ? ` (${error.message.split('\n', 1).join()})` : '';
  return `${show(input)} that is not JSON${why}`;
};

/** What is wrong with an `input`. */
export const inputFault = (came: string): Fault => ({
  path: 'input',
  expected: `JSON of at most ${requestLimits.inputBytesMax} bytes`,
  came,
});

/** A text as it may be given for `input`, or a fault when it is too long. */
const boundedInput = (text: string): Validated<string> => {
  const bytes = Buffer.byteLength(text);
  if (bytes <= requestLimits.inputBytesMax) return { ok: true, value: text };
  return { ok: false, faults: [inputFault(`${bytes} bytes`)] };
};

/**
 * A value as JSON text, or a fault when it is too large or too deep to be one, or a value that JSON
 * does not know: over HTTP there is none, in the library anything may come.
 */
export const inputText = (input: unknown): Validated<string | undefined> => {
  if (input === undefined) return { ok: true, value: undefined };
  let text: string | undefined;
  try {
    text = stringify(input);
  } catch (error) {
    return { ok: false, faults: [inputFault(notJson(input, error))] };
  }
  if (text === undefined) return { ok: false, faults: [inputFault(notJson(input, undefined))] };
  return boundedInput(text);
};

const givenText = (text: unknown): Validated<string> => {
  if (typeof text === 'string' && isJson(Buffer.from(text))) return boundedInput(text);
  const came = typeof text === 'string' ? 'text that is not JSON' : show(text);
  return { ok: false, faults: [{ ...inputFault(came), path: 'input_json' }] };
};

const fields = fieldsOf(ExecuteRequest);

const known = {
  request: Object.keys(fields),
  limits: Object.keys(fieldsOf(fields['limits'])),
};

/** Checks every field of a request against the contract and the server's limits. */
export const validateRequest = (
  value: unknown,
  server: EvaluationLimits,
): Validated<ExecuteRequest> => {
  if (!isObject(value)) {
    const errors = ExecuteRequest.decode(value);
    return { ok: false, faults: isLeft(errors) ? faultsOf(errors.left).slice(0, 1) : [] };
  }
  const unknown = [
    ...unknownFields(value, '', known.request),
    ...unknownFields(value['limits'], 'limits', known.limits),
  ];
  const decoded = ExecuteRequest.decode(value);
  const wrong = isLeft(decoded)
    ? faultsOf(decoded.left)
    : [...tooLong(decoded.right, server), ...aboveServer(decoded.right, server)];
  const faults = [...wrong, ...unknown];
  if (faults.length > 0 || isLeft(decoded)) return { ok: false, faults };
  return { ok: true, value: decoded.right };
};

/** The same for a request of the library's, with its input as text. */
export const checkEvaluation = (
  evaluation: Evaluation,
  server: EvaluationLimits,
): Validated<CheckedRequest> => {
  // Plain JavaScript may hand over null.
  const { input_json, ...given } = { ...evaluation };
  const request = validateRequest({ sandbox_id: null, init_script: '', ...given }, server);
  if (!request.ok) return request;
  const { input, ...rest } = request.value;
  const both: Fault = { path: 'input_json', expected: 'no input beside it', came: 'both' };
  if (input !== undefined && input_json !== undefined) return { ok: false, faults: [both] };
  const text = input_json === undefined ? inputText(input) : givenText(input_json);
  return text.ok ? { ok: true, value: { ...rest, input_json: text.value } } : text;
};
