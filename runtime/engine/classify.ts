// How a stage ended -> what the caller is told. Pure. Nothing of Rust, wasm or the engine's insides
// may pass here: what is not foreseen becomes INTERNAL_SERVER_ERROR, and its cause goes to the log
// alone.

import { isJson } from '../../contract/json.ts';
import { evaluateStatus, fatalReason, trapReason } from './abi.ts';
import type { StageEnd } from './stage.ts';
import type { Stage, Stopped } from '../../contract/outcome.ts';

/** A verdict on one stage. `intact`: the instance can be used for the next call as it is. */
export type Verdict =
  | { readonly status: 'OK'; readonly json: string; readonly intact: true }
  | {
      readonly status: Stopped['status'];
      readonly message: string;
      readonly stack?: string;
      readonly intact: boolean;
      /** For the log, with INTERNAL_SERVER_ERROR. */
      readonly cause?: string;
    };

export interface Bounds {
  readonly fuel: number;
  readonly memoryBytesMax: number;
  readonly timeMsMax: number;
  readonly resultBytesMax: number;
}

const who = (stage: Stage): string => (stage === 'INIT' ? 'init_script' : 'script');

const internal = (cause: string): Verdict => ({
  status: 'INTERNAL_SERVER_ERROR',
  message: 'internal error',
  intact: false,
  cause,
});

const tooDeep: Verdict = {
  status: 'RUNTIME_ERROR',
  message: 'RangeError: Maximum call stack size exceeded',
  intact: false,
};

const outOfMemory = (stage: Stage, end: StageEnd, bounds: Bounds): Verdict => ({
  status: 'OUT_OF_MEMORY',
  message: end.ran
    ? `${who(stage)} needed more than its ${bounds.memoryBytesMax} bytes of memory`
    : `the sandbox holds ${end.memoryBytes} bytes of memory already, and this call may have ` +
      `${bounds.memoryBytesMax}: ${who(stage)} was not run`,
  intact: !end.ran,
});

const outOfFuel = (stage: Stage, end: StageEnd, bounds: Bounds): Verdict =>
  end.stop === 'time' || end.stop === 'gone'
    ? {
        status: 'OUT_OF_TIME',
        message:
          end.stop === 'gone'
            ? `${who(stage)} was stopped: nobody waits for it any more`
            : `${who(stage)} was stopped after ${bounds.timeMsMax} ms of wall-clock time`,
        intact: false,
      }
    : {
        status: 'OUT_OF_FUEL',
        message: `${who(stage)} used all of its ${bounds.fuel} units of fuel`,
        intact: false,
      };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const decode = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
};

const resultOf = (end: StageEnd, bounds: Bounds): Verdict => {
  const { json } = end;
  if (typeof json === 'number') {
    return {
      status: 'RUNTIME_ERROR',
      message: `RangeError: the result is ${json} bytes of JSON, over ${bounds.resultBytesMax}`,
      intact: true,
    };
  }
  const text = json && isJson(json) ? decode(json) : undefined;
  if (text === undefined) return internal('the result handed over is not JSON');
  return { status: 'OK', json: text, intact: true };
};

const thrownByScript = (end: StageEnd): Verdict =>
  end.message === undefined
    ? internal('an error without a message was handed over')
    : {
        status: 'RUNTIME_ERROR',
        message: end.message,
        ...(end.stack === undefined ? {} : { stack: end.stack }),
        intact: true,
      };

const describe = (end: StageEnd): string =>
  end.fatal
    ? `fatal ${end.fatal.reason}: ${end.fatal.text}`
    : end.thrown instanceof Error
      ? String(end.thrown.stack)
      : String(end.thrown);

const isStackOverflow = (thrown: unknown): boolean =>
  thrown instanceof RangeError && thrown.message === 'Maximum call stack size exceeded';

/** Judges the end of one stage. */
export const classify = (stage: Stage, end: StageEnd, bounds: Bounds): Verdict => {
  if (end.status === evaluateStatus.OK) return resultOf(end, bounds);
  if (end.status === evaluateStatus.THROWN) return thrownByScript(end);
  if (end.trap === trapReason.FUEL) return outOfFuel(stage, end, bounds);
  if (end.trap === trapReason.MEMORY) return outOfMemory(stage, end, bounds);
  if (end.trap === trapReason.STACK) return tooDeep;
  if (end.fatal?.reason === fatalReason.MEMORY) return outOfMemory(stage, end, bounds);
  if (end.fatal?.reason === fatalReason.STACK) return tooDeep;
  // V8's own stack ended before the interpreter's: not seen under workerStackMb, still no fault of
  // ours.
  if (!end.fatal && isStackOverflow(end.thrown)) return tooDeep;
  return internal(describe(end));
};
