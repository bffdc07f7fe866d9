// The result of an evaluation as data: what the engine returns and what the body of a response
// carries.

import * as t from 'io-ts';
import { annotate } from './annotate.ts';

export const Stage = t.keyof({ INIT: null, SCRIPT: null });
export type Stage = t.TypeOf<typeof Stage>;

export const State = annotate(t.keyof({ kept: null, rolled_back: null, lost: null }), {
  description:
    'What the next call with this sandbox_id finds. kept: the effects of this call. ' +
    'rolled_back: the sandbox as it was before this call. lost: a new sandbox, made by ' +
    'init_script (always so with sandbox_id null).',
});
export type State = t.TypeOf<typeof State>;

export const Origin = t.keyof({ live: null, dormant: null, new: null });

export const Usage = t.type({
  fuel: annotate(t.number, {
    description: 'Fuel used by this call, init_script included when it ran.',
  }),
  memory_bytes: annotate(t.number, {
    description: "Size of the sandbox's memory after the call, in bytes; it never shrinks.",
  }),
  engine: annotate(t.string, {
    description: 'The interpreter and its digest. Fuel is comparable under the same engine only.',
  }),
  sandbox: annotate(Origin, {
    description:
      'Where this call found its sandbox. live: in memory, ready to run. dormant: laid by, and ' +
      'restored for this call. new: made for this call.',
  }),
  queue_us: annotate(t.number, {
    description: 'Microseconds from taking the request in to a worker taking it up.',
  }),
  restore_us: annotate(t.number, {
    description: 'Microseconds for having the sandbox ready in its worker, INIT not included.',
  }),
  run_us: annotate(t.number, {
    description: 'Microseconds of running init_script and script.',
  }),
});
export type Usage = t.TypeOf<typeof Usage>;

const told = {
  stdout: annotate(t.string, { description: 'console.log, info, debug, table and the like.' }),
  stderr: annotate(t.string, { description: 'console.warn, error, trace and assert.' }),
  usage: Usage,
  state: State,
};

const stopped = <S extends string>(status: S, description: string) =>
  annotate(t.type({ status: t.literal(status), stage: Stage, message: t.string, ...told }), {
    description,
  });

export const OutcomeOk = annotate(t.type({ status: t.literal('OK'), result: t.unknown, ...told }), {
  description: 'The script ran to its end. `result` is the value of its final expression as JSON.',
});
export const OutcomeRuntimeError = annotate(
  t.intersection([
    t.type({ status: t.literal('RUNTIME_ERROR'), stage: Stage, message: t.string, ...told }),
    t.partial({
      stack: annotate(t.string, {
        description: "Where the error was made: lines and columns of the caller's own scripts.",
      }),
    }),
  ]),
  { description: 'The script threw, or its result cannot be given as JSON.' },
);
export const OutcomeOutOfFuel = stopped('OUT_OF_FUEL', 'The script used all of its fuel.');
export const OutcomeOutOfMemory = stopped('OUT_OF_MEMORY', 'The script needed more memory.');
export const OutcomeOutOfTime = stopped('OUT_OF_TIME', 'The call ran into its wall-clock limit.');
export const OutcomeInternal = annotate(
  t.intersection([
    t.type({ status: t.literal('INTERNAL_SERVER_ERROR'), message: t.string }),
    t.partial({ stage: Stage, ...told }),
  ]),
  { description: 'A fault of Paddock, told apart in the log by the id in the message.' },
);

/** Every body that an evaluation can be answered with. */
export const OutcomeBody = t.union([
  OutcomeOk,
  OutcomeRuntimeError,
  OutcomeOutOfFuel,
  OutcomeOutOfMemory,
  OutcomeOutOfTime,
  OutcomeInternal,
]);
export type OutcomeBody = t.TypeOf<typeof OutcomeBody>;

interface Told {
  readonly stdout: string;
  readonly stderr: string;
  readonly usage: Usage;
  readonly state: State;
}

/**
 * The script ran to its end. `result_json` is the result as a validated JSON text, never parsed.
 */
export interface Completed extends Told {
  readonly status: 'OK';
  readonly result_json: string;
}

/** The script did not come to its end. */
export interface Stopped extends Told {
  readonly status:
    'RUNTIME_ERROR' | 'OUT_OF_FUEL' | 'OUT_OF_MEMORY' | 'OUT_OF_TIME' | 'INTERNAL_SERVER_ERROR';
  readonly stage: Stage;
  readonly message: string;
  /** Only with RUNTIME_ERROR. */
  readonly stack?: string;
}

/** What an evaluation came to. Every field but `result_json` is as in the body of the response. */
export type Outcome = Completed | Stopped;

/** The body of the response to an outcome: the result is spliced in as the raw JSON it is. */
export const bodyOf = (outcome: Outcome): string => {
  if (outcome.status !== 'OK') return JSON.stringify(outcome);
  const { status, result_json, ...told } = outcome;
  const rest = JSON.stringify(told).slice(1);
  return `{"status":${JSON.stringify(status)},"result":${result_json},${rest}`;
};
