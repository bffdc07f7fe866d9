// A slot: one instance of the interpreter with its memory, used again for many sandboxes.

import { abiVersion, isStateGlobal, pageBytes, type InterpreterExports } from './abi.ts';
import { silentOutput } from './call.ts';
import type { Base, Globals } from './base.ts';
import { importsOf, type Host } from './imports.ts';
import { notesOf, noteWritten, type Notes } from './written.ts';

export interface Slot {
  readonly exports: InterpreterExports;
  readonly host: Host;
  readonly notes: Notes;
  /** Every mutable global that is a sandbox's state, in a fixed order. */
  readonly globals: readonly WebAssembly.Global[];
  /** The stack was never written below this address before `forgetStack`. */
  stackFloor: number;
  /** What it was last restored to: what it still is but for the pages that are noted. */
  holds: Base | undefined;
}

/** Fuel for `_initialize` and `boot`: far more than they use; a test compares. */
const bootFuel = 10_000_000_000n;

/** Bytes of physical memory; it grows and never shrinks. */
export const physicalBytes = (slot: Slot): number => slot.exports.memory.buffer.byteLength;

/** Bytes of memory as the sandbox sees it. */
export const memoryBytes = (slot: Slot): number =>
  slot.exports['meter.memory_pages'].value * pageBytes;

/** Where the interpreter's stack ends and its data begins; 0 when it does not say. */
export const stackEnd = (slot: Slot): number => slot.exports['meter.stack_high']?.value ?? 0;

/** LLVM's leaf functions write so far below the stack pointer without lowering it. */
const redZoneBytes = 128;

/** The stack has not been written below this address since `forgetStack`; 0 when nobody knows. */
export const stackReached = (slot: Slot): number => {
  const lowest = slot.exports['meter.stack_lowest'];
  return lowest ? Math.max(0, lowest.value - redZoneBytes) : 0;
};

/** Bytes of physical memory that may have been touched: what was is never given back. */
export const residentBytes = (slot: Slot): number =>
  physicalBytes(slot) - Math.min(slot.stackFloor, stackReached(slot));

/** To be called when the stack is zeroed. */
export const forgetStack = (slot: Slot): void => {
  slot.stackFloor = Math.min(slot.stackFloor, stackReached(slot));
  const lowest = slot.exports['meter.stack_lowest'];
  if (lowest) lowest.value = stackEnd(slot);
};

/** Makes its physical memory at least so large. */
export const growTo = (slot: Slot, bytes: number): void => {
  const missing = bytes - physicalBytes(slot);
  if (missing > 0) slot.exports.memory.grow(missing / pageBytes);
};

/** What its globals are. */
export const valuesOf = (slot: Slot): Globals =>
  slot.globals.map((global) => global.value as number | bigint);

export const setGlobals = (slot: Slot, globals: Globals): void => {
  slot.globals.forEach((global, index) => {
    global.value = globals[index];
  });
};

const globalsOf = (exports: WebAssembly.Exports): readonly WebAssembly.Global[] =>
  Object.keys(exports)
    .filter(isStateGlobal)
    .toSorted()
    .map((name) => exports[name] as WebAssembly.Global);

/** Raises the end of the stack, so that it holds no more than so many bytes. */
const shortenStack = ({ exports }: Slot, bytesMax: number): void => {
  const low = exports['meter.stack_low'];
  const high = exports['meter.stack_high'];
  if (low && high) low.value = Math.max(low.value, high.value - bytesMax);
};

/**
 * An instance that has not booted: zeroed memory but for the module's own data. `stackBytesMax`: of
 * the interpreter's own stack; all that the module has for it when absent.
 */
export const createSlot = (module: WebAssembly.Module, stackBytesMax?: number): Slot => {
  const host: Host = { memory: undefined, notes: undefined, call: undefined };
  const instance = new WebAssembly.Instance(module, importsOf(host));
  const exports = instance.exports as unknown as InterpreterExports;
  const notes = notesOf(exports);
  host.memory = exports.memory;
  host.notes = notes;
  const globals = globalsOf(instance.exports);
  const slot = { exports, host, notes, globals, stackFloor: Infinity, holds: undefined };
  if (stackBytesMax !== undefined) shortenStack(slot, stackBytesMax);
  return slot;
};

const expose = (slot: Slot, names: readonly string[]): void => {
  const { exports } = slot;
  if (!exports.expose) throw new Error('this interpreter has no host functions');
  const bytes = new TextEncoder().encode(JSON.stringify(names));
  const at = exports.allocate(bytes.length) >>> 0;
  new Uint8Array(exports.memory.buffer).set(bytes, at);
  noteWritten(slot.notes, at, bytes.length);
  exports.expose(at, bytes.length);
};

/**
 * Builds the realm in a fresh slot, with the host functions of these names. Throws when the
 * interpreter speaks another ABI.
 */
export const bootSlot = (slot: Slot, flags: number, names: readonly string[] = []): void => {
  const { exports, host } = slot;
  host.call = {
    now: 0,
    stdout: silentOutput,
    stderr: silentOutput,
    resultBytesMax: 0,
    fuelLeft: 0n,
    observed: 0,
    interrupt: () => undefined,
  };
  exports['meter.fuel'].value = bootFuel;
  exports._initialize?.();
  const version = exports.abi_version();
  if (version !== abiVersion) throw new Error(`ABI ${abiVersion} expected, ${version} found`);
  exports.boot(flags);
  if (names.length > 0) expose(slot, names);
  host.call = undefined;
};
