// Drives an interpreter's wasm in this thread, metered or not, by the same few lines
// (interpreter/ABI.md), so that two builds can be compared. Every evaluation gets a fresh instance:
// a reused one would have its memory paged in already on the metered side only, whose memory can be
// given back.

import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { evaluateStatus, pageBytes, type InterpreterExports } from '../../runtime/engine/abi.ts';
import { silentOutput, type Call } from '../../runtime/engine/call.ts';
import { importsOf, type Host } from '../../runtime/engine/imports.ts';
import { considerNotes, isExpectedLong } from '../../runtime/engine/unnoted.ts';
import { createHabits } from '../../runtime/worker/habits.ts';

/** Exports of which an unmetered build lacks those of the meter. */
type Exports = Pick<
  InterpreterExports,
  'memory' | '_initialize' | 'boot' | 'allocate' | 'evaluate'
> &
  Partial<
    Pick<
      InterpreterExports,
      'meter.fuel' | 'meter.memory_pages' | 'meter.memory_pages_max' | 'meter.unnoted'
    >
  >;

interface Instance {
  readonly exports: Exports;
  readonly host: Host;
  readonly globals: readonly WebAssembly.Global[];
}

export interface Timed {
  readonly ms: number;
  /** Whether the script ran to its end; false when it threw or ran out of fuel. */
  readonly ok: boolean;
  /** Fuel used; more than granted by what the last charge took too much. 0 when not metered. */
  readonly fuel: number;
  /** From the host's refusal of more fuel until control was back. NaN when nothing was refused. */
  readonly msAfterRefusal: number;
}

export interface Interpreter {
  readonly evaluate: (source: string, grant?: number) => Timed;
}

const plenty = 10n ** 15n;
const memoryBytesMax = 512 * 1024 * 1024;

const stateGlobals = (exports: WebAssembly.Exports): WebAssembly.Global[] =>
  Object.keys(exports)
    .filter((name) => name.startsWith('meter.global.') || name === 'meter.memory_pages')
    .concat('meter.memory_pages' in exports ? [] : ['__stack_pointer'])
    .toSorted()
    .map((name) => exports[name] as WebAssembly.Global);

const instantiate = (module: WebAssembly.Module): Instance => {
  const host: Host = { memory: undefined, notes: undefined, call: undefined };
  const instance = new WebAssembly.Instance(module, importsOf(host));
  const exports = instance.exports as unknown as Exports;
  host.memory = exports.memory;
  return { exports, host, globals: stateGlobals(instance.exports) };
};

const callWith = (fuelLeft: bigint, interrupt: Call['interrupt']): Call => ({
  now: 0,
  stdout: silentOutput,
  stderr: silentOutput,
  resultBytesMax: memoryBytesMax,
  observed: 0,
  fuelLeft,
  interrupt,
});

const put = ({ exports }: Instance, text: string): [at: number, bytes: number] => {
  const bytes = new TextEncoder().encode(text);
  const at = exports.allocate(bytes.length) >>> 0;
  new Uint8Array(exports.memory.buffer).set(bytes, at);
  return [at, bytes.length];
};

/** Compiles and boots a build; its evaluations start from what the boot left. */
export const openInterpreter = async (path: string): Promise<Interpreter> => {
  const module = await WebAssembly.compile(new Uint8Array(await readFile(path)));
  const booted = instantiate(module);
  const metered = booted.exports['meter.fuel'] !== undefined;
  booted.host.call = callWith(0n, () => undefined);
  if (booted.exports['meter.fuel']) booted.exports['meter.fuel'].value = plenty;
  booted.exports._initialize?.();
  booted.exports.boot(0);
  const image = new Uint8Array(booted.exports.memory.buffer).slice();
  const globals = booted.globals.map(({ value }): unknown => value);

  const restored = (): Instance => {
    const instance = instantiate(module);
    const { memory } = instance.exports;
    const missing = (image.length - memory.buffer.byteLength) / pageBytes;
    if (missing > 0) memory.grow(missing);
    new Uint8Array(memory.buffer).set(image);
    instance.globals.forEach((global, i) => (global.value = globals[i]));
    return instance;
  };

  const habits = createHabits();
  return {
    evaluate(source, grant = Number(plenty)) {
      const instance = restored();
      const { exports, host } = instance;
      const fuel = exports['meter.fuel'];
      let refusedAt = Number.NaN;
      let seen = 0;
      const call = callWith(BigInt(grant), (fuelLeft) => {
        if (fuelLeft === 0n) refusedAt = performance.now();
        seen = grant - Number(fuelLeft);
        considerNotes(exports, seen);
        return undefined;
      });
      host.call = call;
      if (fuel) fuel.value = 0n;
      if (exports['meter.memory_pages_max']) {
        exports['meter.memory_pages_max'].value = memoryBytesMax / pageBytes;
      }
      const [at, bytes] = put(instance, source);
      const unnoted = exports['meter.unnoted'];
      if (unnoted) unnoted.value = Number(isExpectedLong(exports, habits.fuelOf(source)));
      let status: number | undefined;
      const begin = performance.now();
      try {
        status = exports.evaluate(0, at, bytes, 0, 0, 0, 1n, memoryBytesMax);
      } catch (error) {
        // Out of fuel is what is measured; anything else is a fault of the script or the build.
        if (Number.isNaN(refusedAt)) throw error;
      }
      const end = performance.now();
      const used = metered && fuel ? grant - Number(call.fuelLeft + fuel.value) : 0;
      habits.ended(source, end - begin, seen);
      const ok = status === evaluateStatus.OK;
      return { ms: end - begin, ok, fuel: used, msAfterRefusal: end - refusedAt };
    },
  };
};
