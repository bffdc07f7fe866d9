// The live sandboxes of one worker thread and the slots they live in. Who lives where, and who must
// go, is decided on the main thread; this file does as it is told.

import { capture, restore, type Image } from '../engine/image.ts';
import { bootSlot, createSlot, physicalBytes, type Slot } from '../engine/slot.ts';
import { poolLimits } from '../../contract/limits.ts';

export interface SandboxStore {
  /** The slot of a live sandbox. Throws when it is not here: the main thread's books are wrong. */
  readonly slotOf: (sandbox: number) => Slot;
  /** A slot that holds `image`, or the boot image. */
  readonly freshSlot: (image?: Image) => Slot;
  /**
   * Has an idle slot ready, its pages touched, so that the next new sandbox need not wait for one:
   * a fresh instance costs milliseconds, a reused one tens of microseconds.
   */
  readonly prepare: () => void;
  /** Makes `slot` the home of a sandbox. */
  readonly keep: (sandbox: number, slot: Slot) => void;
  /** Ends a sandbox; its slot goes back among the idle ones. */
  readonly forget: (sandbox: number) => void;
  /** Strikes a sandbox off; its slot is the caller's to recycle. */
  readonly drop: (sandbox: number) => void;
  /** Takes back a slot that no sandbox lives in. `clean`: it may be used again. */
  readonly recycle: (slot: Slot, clean: boolean) => void;
  /** Copies a live sandbox out and ends it here. */
  readonly release: (sandbox: number) => Image;
}

/**
 * Counts discarded memories. V8 frees them when it next collects, and its heap here is so small
 * that it seldom sees a reason to: left alone, a dozen memories of 64 MiB wait at a time.
 */
const createDiscards = () => {
  let bytes = 0;
  return {
    add(discarded: number) {
      bytes += discarded;
      if (bytes <= poolLimits.discardedBytesMax) return;
      globalThis.gc?.();
      bytes = 0;
    },
  };
};

/**
 * Boots the interpreter once; every sandbox starts as a copy of that. `flags` as of the ABI's
 * `boot`.
 */
export const createStore = (module: WebAssembly.Module, flags: number): SandboxStore => {
  const live = new Map<number, Slot>();
  const first = createSlot(module);
  bootSlot(first, flags);
  const bootImage = capture(first);
  const idle: Slot[] = [first];

  const slotOf = (sandbox: number): Slot => {
    const slot = live.get(sandbox);
    if (!slot) throw new Error(`sandbox ${sandbox} is not live in this worker`);
    return slot;
  };
  const discards = createDiscards();
  const recycle = (slot: Slot, clean: boolean): void => {
    const reusable = clean && physicalBytes(slot) <= poolLimits.slotBytesMax;
    if (reusable && idle.length < poolLimits.idleSlotsPerWorkerMax) idle.push(slot);
    else discards.add(physicalBytes(slot));
  };
  const forget = (sandbox: number): void => {
    const slot = slotOf(sandbox);
    live.delete(sandbox);
    recycle(slot, true);
  };
  return {
    slotOf,
    recycle,
    forget,
    freshSlot(image = bootImage) {
      const slot = idle.pop() ?? createSlot(module);
      restore(slot, image);
      return slot;
    },
    prepare() {
      if (idle.length > 0) return;
      const slot = createSlot(module);
      restore(slot, bootImage);
      idle.push(slot);
    },
    drop(sandbox) {
      live.delete(sandbox);
    },
    keep(sandbox, slot) {
      live.set(sandbox, slot);
    },
    release(sandbox) {
      const image = capture(slotOf(sandbox));
      forget(sandbox);
      return image;
    },
  };
};
