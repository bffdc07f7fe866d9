// Host functions: what an embedder lets scripts call. JSON in, JSON out; what a function throws is
// thrown in the script, by its message alone.

import { SpanStatusCode, trace } from '@opentelemetry/api';
import { show } from '../../contract/explain.ts';
import { hostFunctionLimits } from '../../contract/limits.ts';
import type { HostAnswer, HostCall } from '../engine/host-calls.ts';

/** Who is calling, and until when. */
export interface HostContext {
  /** Whose sandbox it is. */
  readonly caller: string;
  readonly sandbox_id: string | null;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Takes the argument that a script gave, as JSON, and gives the result, which must be JSON too. An
 * Error that it throws, or rejects with, is thrown in the script as an Error of that message: it
 * must not say what a script may not know.
 */
export type HostFunction = (argument: unknown, context: HostContext) => unknown;

export type HostFunctions = Readonly<Record<string, HostFunction>>;

/** `then` would make a promise of `host` itself. */
const word = /^(?!then$)[A-Za-z_$][\w$]*$/;

/** The names, checked. Throws a RangeError that says which is wrong. */
export const hostNamesOf = (functions: HostFunctions = {}): readonly string[] => {
  const names = Object.keys(functions);
  const { namesMax, nameCharsMax } = hostFunctionLimits;
  if (names.length > namesMax) {
    throw new RangeError(`host: expected at most ${namesMax} functions, got ${names.length}`);
  }
  for (const name of names) {
    if (!word.test(name) || name.length > nameCharsMax) {
      const expected = `names of at most ${nameCharsMax} letters and digits, and not then`;
      throw new RangeError(`host: expected ${expected}, got ${show(name)}`);
    }
    if (typeof functions[name] !== 'function') {
      throw new RangeError(`host.${name}: expected a function, got ${show(functions[name])}`);
    }
  }
  return names;
};

/** Undefined for what JSON does not know, whatever its own type says. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;

const answerOf = (value: unknown): string => {
  const json = stringify(value) ?? 'null';
  const bytes = Buffer.byteLength(json);
  if (bytes <= hostFunctionLimits.resultBytesMax) return json;
  throw new RangeError(
    `the result is ${bytes} bytes of JSON, over ${hostFunctionLimits.resultBytesMax}`,
  );
};

/** Anything can be thrown, a revoked proxy too, which throws when it is so much as looked at. */
const messageOf = (error: unknown): string => {
  try {
    const message: unknown = error instanceof Error ? error.message : error;
    return String(message).slice(0, hostFunctionLimits.messageCharsMax);
  } catch {
    return 'the host function failed, and does not say why';
  }
};

/** Calls one function, within a span of its name. Never rejects. */
export const callHost = async (
  functions: HostFunctions,
  { id, name, json }: HostCall,
  context: HostContext,
): Promise<HostAnswer> => {
  const span = trace.getTracer('paddock').startSpan(`host ${name}`);
  try {
    const run = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (!run) throw new Error(`there is no host function ${name}`);
    return { id, ok: true, json: answerOf(await run(JSON.parse(json), context)) };
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    return { id, ok: false, json: JSON.stringify(messageOf(error)) };
  } finally {
    span.end();
  }
};
