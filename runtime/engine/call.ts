// One stage of one evaluation as the imports see it: what it may still use, and what it has handed
// over. An instance has one call at a time; the imports write here, evaluate.ts reads it at the
// end.

import type { Output } from './output.ts';

/** Why the host refused more fuel. */
export type Stop = 'fuel' | 'time' | 'gone';

export interface Call {
  /** Virtual present in milliseconds. */
  readonly now: number;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly resultBytesMax: number;
  /** Fuel not granted yet. */
  fuelLeft: bigint;
  /** Bits of `observed` of the ABI: what the script has read that is not its own. */
  observed: number;
  /** Asked at each refuel, with the fuel not granted yet; a reason ends the evaluation. */
  readonly interrupt: (fuelLeft: bigint) => Stop | undefined;
  /**
   * Takes a call of a host function: its id, or a number of `callRefusal`. Both texts are memory of
   * the instance, valid during the call only. Absent: there are no host functions.
   */
  readonly callHost?: (name: Uint8Array, json: Uint8Array) => number;
  stop?: Stop;
  /** JSON of the result; a number is the size of one that was too large to take. */
  json?: Uint8Array | number;
  message?: Uint8Array;
  stack?: Uint8Array;
  fatal?: { readonly reason: number; readonly text: string };
}

/** The call that a fresh instance boots in: prints nothing and gets all the fuel it asks for. */
export const silentOutput: Output = {
  write: () => undefined,
  text: () => '',
  bytes: () => new Uint8Array(),
  isCut: () => false,
};
