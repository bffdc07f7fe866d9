// The body of POST /execute. This codec is the only source: validation, the library's types and the
// OpenAPI document derive from it.

import * as t from 'io-ts';
import { annotate } from './annotate.ts';
import { idOrNull, integer, number, source } from './bounded.ts';
import { requestLimits as bounds } from './limits.ts';

/** Limits of one call, each at most the server's own. */
export const RequestLimits = t.exact(
  t.partial({
    fuel: annotate(integer(1, bounds.fuelCeiling), {
      description: 'Units of fuel for each stage, INIT and SCRIPT apart.',
    }),
    memory_bytes: annotate(integer(bounds.memoryBytesMin, bounds.memoryBytesCeiling), {
      description: 'Memory of the sandbox in bytes.',
    }),
  }),
  'an object with fuel and memory_bytes',
);

const required = t.type({
  sandbox_id: annotate(idOrNull(bounds.sandboxIdCharsMax), {
    description: 'Which sandbox to use, created when it is not there; null for one of its own.',
    example: 'x',
  }),
  init_script: annotate(source(bounds.sourceBytesCeiling), {
    description:
      'Runs once, before script, when the sandbox is new. A different one makes a new one.',
    example: 'function fib(n) { return n <= 1 ? 1 : fib(n - 1) + fib(n - 2); }',
  }),
  script: annotate(source(bounds.sourceBytesCeiling), {
    description: 'Runs on each request; the value of its final expression is the result.',
    example: 'fib(13)',
  }),
});

const optional = t.partial({
  input: annotate(t.unknown, {
    description:
      `Any JSON, of at most ${bounds.inputBytesMax} bytes as it stands in the body; visible to ` +
      'script as the global `input` during this call.',
  }),
  seed: annotate(integer(0, Number.MAX_SAFE_INTEGER), {
    description: 'Seed of Math.random for this call; drawn by the server when absent.',
  }),
  now: annotate(number(-bounds.nowMsMax, bounds.nowMsMax), {
    description: 'What Date.now() says, in milliseconds; the present when absent.',
  }),
  limits: annotate(RequestLimits, { description: "Limits lower than the server's own." }),
});

export const ExecuteRequest = t.exact(t.intersection([required, optional]), 'a JSON object');
export type ExecuteRequest = t.TypeOf<typeof ExecuteRequest>;

/**
 * A request as the library takes it: what the HTTP body wants but an embedder may leave out; and in
 * place of `input` its JSON text, for who has that.
 */
export type Evaluation = Partial<ExecuteRequest> &
  Pick<ExecuteRequest, 'script'> & { readonly input_json?: string };

/** A request that nothing is wrong with. */
export type CheckedRequest = Omit<ExecuteRequest, 'input'> & {
  /** JSON, as it came. */
  readonly input_json: string | undefined;
};

/** Shown to whoever sent a request that cannot be understood. */
export const exampleRequest: ExecuteRequest = {
  sandbox_id: 'x',
  init_script: 'function fib(n) { return n <= 1 ? 1 : fib(n - 1) + fib(n - 2); }',
  script: 'fib(13)',
};
