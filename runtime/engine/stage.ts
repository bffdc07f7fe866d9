// Runs one stage (INIT or SCRIPT) on a slot and reports how it ended, as data. It stops in between
// where the script waits for host functions.

import { evaluateFlags, evaluateStatus, pageBytes, trapReason } from './abi.ts';
import type { Call, Stop } from './call.ts';
import type { HostAnswer, HostCall, HostCalls } from './host-calls.ts';
import type { Output } from './output.ts';
import { memoryBytes, type Slot } from './slot.ts';
import { beginNotes, considerNotes, settleNotes } from './unnoted.ts';
import { noteWritten } from './written.ts';
import type { Stage } from '../../contract/outcome.ts';

export interface StageRequest {
  readonly stage: Stage;
  readonly source: string;
  /** JSON text of the global `input`. */
  readonly input?: string | undefined;
  readonly seed: bigint;
  readonly now: number;
  readonly fuel: number;
  /** Used by the stages before this one. */
  readonly fuelBefore: number;
  /** What it is taken to use. */
  readonly fuelExpected: number;
  readonly memoryBytesMax: number;
  readonly resultBytesMax: number;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly interrupt: Call['interrupt'];
  /** Calls of host functions; undefined: there are none. */
  readonly hostCalls?: HostCalls | undefined;
}

/** Where a call stands that waits for host functions. */
export interface Standing {
  readonly stage: Stage;
  /** Of all its stages so far. */
  readonly fuel: number;
  readonly memory_bytes: number;
}

export interface Wait {
  /** Those that were not told of yet. */
  readonly calls: readonly HostCall[];
  readonly standing: Standing;
}

/** Yields when it waits and is resumed with answers, to any of the calls, in any order. */
export type Steps<Result> = Generator<Wait, Result, readonly HostAnswer[]>;

/** What is known when a stage is over, before anybody has judged it. */
export interface StageEnd {
  /** False: the sandbox holds more memory already than this call may have, so nothing was run. */
  readonly ran: boolean;
  /** What `evaluate` returned; undefined when it did not return. */
  readonly status: number | undefined;
  /** Value of `meter.trap`. */
  readonly trap: number;
  readonly stop: Stop | undefined;
  readonly fatal: Call['fatal'];
  /** What was thrown out of the instance, when anything was. */
  readonly thrown: unknown;
  readonly json: Uint8Array | number | undefined;
  readonly message: string | undefined;
  readonly stack: string | undefined;
  readonly fuel: number;
  readonly memoryBytes: number;
  /** Bits of `observed` of the ABI. */
  readonly observed: number;
}

const decode = (bytes: Uint8Array | undefined): string | undefined =>
  // Streaming mode drops a character that a cap has cut in two.
  bytes === undefined ? undefined : new TextDecoder().decode(bytes, { stream: true });

/** Copies a text into memory of the interpreter's own making. */
const put = (slot: Slot, text: string): { readonly at: number; readonly bytes: number } => {
  const bytes = Buffer.byteLength(text);
  const at = slot.exports.allocate(bytes) >>> 0;
  new TextEncoder().encodeInto(text, new Uint8Array(slot.exports.memory.buffer, at, bytes));
  noteWritten(slot.notes, at, bytes);
  return { at, bytes };
};

const flagsOf = (request: StageRequest): number =>
  (request.stage === 'INIT' ? evaluateFlags.INIT | evaluateFlags.GLOBAL : 0) |
  (request.input === undefined ? 0 : evaluateFlags.INPUT);

const enter = (slot: Slot, request: StageRequest): number => {
  const { exports } = slot;
  const script = put(slot, request.source);
  const input = request.input === undefined ? { at: 0, bytes: 0 } : put(slot, request.input);
  return exports.evaluate(
    flagsOf(request),
    script.at,
    script.bytes,
    input.at,
    input.bytes,
    request.now,
    request.seed,
    request.memoryBytesMax,
  );
};

const callOf = ({ exports }: Slot, request: StageRequest): Call => ({
  now: request.now,
  stdout: request.stdout,
  stderr: request.stderr,
  resultBytesMax: request.resultBytesMax,
  fuelLeft: BigInt(request.fuel),
  observed: 0,
  interrupt(fuelLeft) {
    considerNotes(exports, request.fuel - Number(fuelLeft));
    return request.interrupt(fuelLeft);
  },
  ...(request.hostCalls ? { callHost: request.hostCalls.take } : {}),
});

/** Fuel used: what was granted, less what is left of it; never more than the limit. */
const fuelUsed = (slot: Slot, call: Call, limit: number): number =>
  Math.min(limit, Number(BigInt(limit) - call.fuelLeft - slot.exports['meter.fuel'].value));

const waitOf = (slot: Slot, call: Call, { stage, fuel, fuelBefore, hostCalls }: StageRequest) => ({
  calls: hostCalls?.fresh() ?? [],
  standing: {
    stage,
    fuel: fuelBefore + fuelUsed(slot, call, fuel),
    memory_bytes: memoryBytes(slot),
  },
});

/** The end of a stage that was not begun. */
const notRun = (slot: Slot): StageEnd => ({
  ran: false,
  status: undefined,
  thrown: undefined,
  trap: trapReason.MEMORY,
  stop: undefined,
  fatal: undefined,
  json: undefined,
  message: undefined,
  stack: undefined,
  fuel: 0,
  memoryBytes: memoryBytes(slot),
  observed: 0,
});

/** A status of the ABI, or else what went wrong. */
const tryStatus = (
  slot: Slot,
  run: () => number,
  fuelExpected: number,
): Pick<StageEnd, 'status' | 'thrown'> => {
  beginNotes(slot, fuelExpected);
  try {
    const status = run();
    if (Object.values<number>(evaluateStatus).includes(status))
      return { status, thrown: undefined };
    throw new Error(`the interpreter returned the unknown status ${status}`);
  } catch (thrown) {
    return { status: undefined, thrown };
  } finally {
    settleNotes(slot);
  }
};

const resume = (slot: Slot, answers: readonly HostAnswer[]): number => {
  const { exports } = slot;
  if (!exports.resume || !exports.settle) throw new Error('the interpreter cannot be resumed');
  for (const { id, ok, json } of answers) {
    const { at, bytes } = put(slot, json);
    exports.settle(id, Number(ok), at, bytes);
  }
  return exports.resume();
};

/** Runs one stage to its end. Never throws: what the instance threw is part of the answer. */
export function* runStage(slot: Slot, request: StageRequest): Steps<StageEnd> {
  if (memoryBytes(slot) > request.memoryBytesMax) return notRun(slot);
  const { exports, host } = slot;
  const call = callOf(slot, request);
  host.call = call;
  exports['meter.trap'].value = trapReason.NONE;
  exports['meter.fuel'].value = 0n;
  exports['meter.memory_pages_max'].value = Math.floor(request.memoryBytesMax / pageBytes);
  let last = tryStatus(slot, () => enter(slot, request), request.fuelExpected);
  while (last.status === evaluateStatus.PENDING) {
    const answers = yield waitOf(slot, call, request);
    request.hostCalls?.answered(answers.length);
    last = tryStatus(slot, () => resume(slot, answers), request.fuelExpected);
  }
  host.call = undefined;
  return {
    ran: true,
    ...last,
    trap: exports['meter.trap'].value,
    stop: call.stop,
    fatal: call.fatal,
    json: call.json,
    message: decode(call.message),
    stack: decode(call.stack),
    fuel: fuelUsed(slot, call, request.fuel),
    memoryBytes: memoryBytes(slot),
    observed: call.observed,
  };
}

/** Takes steps that wait for no host function. */
export const runToEnd = <Result>(steps: Steps<Result>): Result => {
  const step = steps.next([]);
  if (step.done !== true) throw new Error('a host function was called, and there is none');
  return step.value;
};
