// One slot driven by hand, export by export, as interpreter/ABI.md says: for what runStage does
// not do, and what it must not see.

import { evaluationLimits } from '../../contract/limits.ts';
import { evaluateFlags, pageBytes, trapReason } from '../../runtime/engine/abi.ts';
import { createOutput } from '../../runtime/engine/output.ts';
import { bootSlot, createSlot, type Slot } from '../../runtime/engine/slot.ts';
import type { Call } from '../../runtime/engine/call.ts';

export interface Step {
  /** What `evaluate` or `resume` returned; undefined when it trapped. */
  readonly status: number | undefined;
  readonly trap: number;
  /** The result's JSON, or the message of what was thrown. */
  readonly text: string;
  /** Units used since `evaluate` began. */
  readonly fuel: number;
  readonly observed: number;
}

export interface Settings {
  readonly now?: number;
  readonly seed?: bigint;
  readonly fuel?: number;
  readonly memoryBytesMax?: number;
  readonly input?: string;
  readonly init?: boolean;
}

const put = (slot: Slot, text: string): [at: number, bytes: number] => {
  const bytes = Buffer.from(text);
  const at = slot.exports.allocate(bytes.length) >>> 0;
  new Uint8Array(slot.exports.memory.buffer).set(bytes, at);
  return [at, bytes.length];
};

const callFor = (settings: Settings, callHost: Call['callHost']): Call => ({
  now: settings.now ?? 0,
  stdout: createOutput(1000),
  stderr: createOutput(1000),
  resultBytesMax: 1_000_000,
  fuelLeft: BigInt(settings.fuel ?? evaluationLimits.fuelMax),
  observed: 0,
  interrupt: () => undefined,
  ...(callHost ? { callHost } : {}),
});

const flagsOf = ({ init, input }: Settings): number =>
  (init === true ? evaluateFlags.INIT | evaluateFlags.GLOBAL : 0) |
  (input === undefined ? 0 : evaluateFlags.INPUT);

const textOf = (call: Call): string => {
  const bytes = typeof call.json === 'object' ? call.json : call.message;
  return Buffer.from(bytes ?? []).toString();
};

const stepOf = (slot: Slot, call: Call, granted: bigint, run: () => number): Step => {
  let status: number | undefined;
  try {
    status = run();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  }
  const left = call.fuelLeft + slot.exports['meter.fuel'].value;
  const told = { text: textOf(call), observed: call.observed };
  return { status, trap: slot.exports['meter.trap'].value, fuel: Number(granted - left), ...told };
};

/** Sets the limits of a call, as runStage does, and evaluates. */
const evaluateOn = (slot: Slot, call: Call, script: string, settings: Settings): Step => {
  const { exports } = slot;
  const memoryBytesMax = settings.memoryBytesMax ?? evaluationLimits.memoryBytesMax;
  exports['meter.trap'].value = trapReason.NONE;
  exports['meter.fuel'].value = 0n;
  exports['meter.memory_pages_max'].value = Math.floor(memoryBytesMax / pageBytes);
  const { input, now = 0, seed = 0n } = settings;
  return stepOf(slot, call, call.fuelLeft, () => {
    const source = put(slot, script);
    const json: [number, number] = input === undefined ? [0, 0] : put(slot, input);
    return exports.evaluate(flagsOf(settings), ...source, ...json, now, seed, memoryBytesMax);
  });
};

/** Opens an instance; with `names`, their calls are numbered from 0 and kept in `calls`. */
export const openStepped = (
  module: WebAssembly.Module,
  names?: readonly string[],
  refuse: (json: string) => number | undefined = () => undefined,
) => {
  const slot = createSlot(module);
  bootSlot(slot, 0);
  const { exports, host } = slot;
  const calls: (readonly [name: string, json: string])[] = [];
  const callHost = (name: Uint8Array, json: Uint8Array): number => {
    const [text, argument] = [Buffer.from(name).toString(), Buffer.from(json).toString()];
    const refusal = refuse(argument);
    return refusal ?? calls.push([text, argument]) - 1;
  };
  host.call = callFor({}, undefined);
  if (names) exports.expose?.(...put(slot, JSON.stringify(names)));
  let granted = 0n;
  return {
    slot,
    calls,
    evaluate: (script: string, settings: Settings = {}): Step => {
      const call = callFor(settings, names && callHost);
      host.call = call;
      granted = call.fuelLeft;
      return evaluateOn(slot, call, script, settings);
    },
    /** Settles what is given, in its order, and resumes. */
    resume: (...answers: (readonly [id: number, ok: boolean, json: string])[]): Step => {
      const { call } = host;
      if (!call || !exports.resume) throw new Error('nothing to resume');
      const { resume } = exports;
      return stepOf(slot, call, granted, () => {
        for (const [id, ok, json] of answers) exports.settle?.(id, Number(ok), ...put(slot, json));
        return resume();
      });
    },
  };
};
