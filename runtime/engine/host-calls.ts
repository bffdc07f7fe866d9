// The calls of host functions in one stage: bounded in number and size, as texts that were copied
// out of the instance.

import { hostFunctionLimits } from '../../contract/limits.ts';
import { callRefusal } from './abi.ts';

/** What a script asks of the host. */
export interface HostCall {
  /** Unlike that of any other call of the stage. */
  readonly id: number;
  readonly name: string;
  /** JSON text of the argument. */
  readonly json: string;
}

/** `json` is the result, or a JSON string that says what went wrong. */
export interface HostAnswer {
  readonly id: number;
  readonly ok: boolean;
  readonly json: string;
}

export interface HostCalls {
  /** The ABI's `call`: an id, or a number of `callRefusal`. */
  readonly take: (name: Uint8Array, json: Uint8Array) => number;
  /** Those taken since it was last asked. */
  readonly fresh: () => readonly HostCall[];
  /** As many have their answers. */
  readonly answered: (count: number) => void;
}

export const createHostCalls = (): HostCalls => {
  let fresh: HostCall[] = [];
  let [taken, unanswered] = [0, 0];
  return {
    take(name, json) {
      if (json.length > hostFunctionLimits.argumentBytesMax) return callRefusal.TOO_LONG;
      if (unanswered >= hostFunctionLimits.unansweredMax) return callRefusal.TOO_MANY;
      if (taken >= hostFunctionLimits.callsMax) return callRefusal.TOO_MANY;
      const [nameText, jsonText] = [Buffer.from(name).toString(), Buffer.from(json).toString()];
      const id = taken;
      taken += 1;
      unanswered += 1;
      fresh.push({ id, name: nameText, json: jsonText });
      return id;
    },
    fresh() {
      const calls = fresh;
      fresh = [];
      return calls;
    },
    answered(count) {
      unanswered -= count;
    },
  };
};
