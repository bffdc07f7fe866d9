// The live sandboxes of one worker thread, the slots they live in and the images they start from.
// Who lives where, and who must go, is decided on the main thread; this file does as it is told.

import { poolLimits } from '../../contract/limits.ts';
import type { Base, Delta } from '../engine/base.ts';
import { applyCheckpoint, captureCheckpoint, isPlain } from '../engine/checkpoint.ts';
import { capture, captureBoot, restore } from '../engine/image.ts';
import { unpack } from '../engine/pack.ts';
import { bootSlot, createSlot, physicalBytes, type Slot } from '../engine/slot.ts';
import type { InitImage, NamedImage } from './init-image.ts';

/** A slot and what the sandbox in it started from. */
export interface Home {
  readonly slot: Slot;
  readonly base: Base;
}

export interface SandboxStore {
  /** The home of a live sandbox. Throws when it is not here: the main thread's books are wrong. */
  readonly homeOf: (sandbox: number) => Home;
  /** A slot as an init image left it, or the boot. */
  readonly fresh: (image?: number) => Home;
  /** The same with a checkpoint of `checkpointOf` laid over it. */
  readonly wake: (image: number | undefined, checkpoint: Uint8Array | undefined) => Home;
  /** Resets an idle slot ahead of its need, so that the next new sandbox does not wait for that. */
  readonly prepare: () => void;
  /** Makes `home` that of a sandbox. */
  readonly keep: (sandbox: number, home: Home) => void;
  /** Ends a live sandbox here; its slot goes back among the idle ones. */
  readonly forget: (sandbox: number) => void;
  /** Strikes a sandbox off; its slot is the caller's to recycle. */
  readonly drop: (sandbox: number) => void;
  /** Takes back a slot that no sandbox lives in. `clean`: it may be used again. */
  readonly recycle: (home: Home, clean: boolean) => void;
  /** What a sandbox is, over its base, as bytes. */
  readonly checkpointOf: (home: Home) => Uint8Array;
  readonly learn: (images: readonly NamedImage[]) => void;
  readonly unlearn: (images: readonly number[]) => void;
  readonly imageOf: (id: number) => NamedImage;
  /** Copies out what INIT left in a slot that was fresh before. */
  readonly captureInit: (home: Home) => Delta;
  /** The base of a sandbox that was made from an image. */
  readonly baseOver: (image: InitImage) => Base;
}

export interface StoreOptions {
  /** Flags of the ABI's `boot`. */
  readonly flags: number;
  /** Names of the host functions. */
  readonly hostNames: readonly string[];
  /** Collects garbage. */
  readonly collect: () => void;
  /** Bytes of the interpreter's stack, where the thread's own would end before it. */
  readonly stackBytesMax?: number;
}

/**
 * Counts discarded memories. V8 frees them when it next collects, and its heap here is so small
 * that it seldom sees a reason to: left alone, a dozen memories of 64 MiB wait at a time.
 */
const createDiscards = (collect: () => void) => {
  let bytes = 0;
  return {
    add(discarded: number) {
      bytes += discarded;
      if (bytes <= poolLimits.discardedBytesMax) return;
      collect();
      bytes = 0;
    },
  };
};

interface IdleSlots {
  /** What a slot holds that has just booted. */
  readonly bare: Base;
  /** A slot that holds `base` and nothing else. */
  readonly take: (base: Base) => Slot;
  readonly give: (slot: Slot, clean: boolean) => void;
  readonly prepare: () => void;
}

/**
 * Slots that no sandbox lives in. Each still holds what it was last restored to, so one that is
 * restored to the same again has the least to write.
 */
const createIdleSlots = (
  create: () => Slot,
  first: Slot,
  collect: StoreOptions['collect'],
): IdleSlots => {
  const bare: Base = { boot: captureBoot(first) };
  const idle: Slot[] = [first];
  const restored = new WeakSet<Slot>();
  const discards = createDiscards(collect);
  return {
    bare,
    take(base) {
      // The last one when none holds it.
      const place = idle.findLastIndex(({ holds }) => holds === base);
      const slot = idle.splice(place, 1)[0] ?? create();
      restore(slot, base);
      restored.delete(slot);
      return slot;
    },
    give(slot, clean) {
      const reusable = clean && physicalBytes(slot) <= poolLimits.slotBytesMax;
      if (reusable && idle.length < poolLimits.idleSlotsPerWorkerMax) idle.push(slot);
      else discards.add(physicalBytes(slot));
    },
    prepare() {
      if (idle.length === 0) idle.push(create());
      const slot = idle.at(-1);
      if (!slot || restored.has(slot)) return;
      restore(slot, slot.holds ?? bare);
      restored.add(slot);
    },
  };
};

interface Images extends Pick<SandboxStore, 'learn' | 'unlearn' | 'imageOf'> {
  readonly baseOf: (id: number | undefined) => Base;
}

/** Images that the main thread has told of. */
const createImages = (bare: Base): Images => {
  const known = new Map<number, { readonly image: NamedImage; readonly base: Base }>();
  const find = (id: number) => {
    const found = known.get(id);
    if (!found) throw new Error(`init image ${id} is not known in this worker`);
    return found;
  };
  return {
    imageOf: (id) => find(id).image,
    baseOf: (id) => (id === undefined ? bare : find(id).base),
    learn(images) {
      for (const image of images) {
        known.set(image.id, { image, base: { boot: bare.boot, delta: image.delta } });
      }
    },
    unlearn(ids) {
      for (const id of ids) known.delete(id);
    },
  };
};

/** Boots the interpreter once; every sandbox starts as a copy of that. */
export const createStore = (
  module: WebAssembly.Module,
  { flags, hostNames, collect, stackBytesMax }: StoreOptions,
): SandboxStore => {
  const live = new Map<number, Home>();
  const create = () => createSlot(module, stackBytesMax);
  const first = create();
  bootSlot(first, flags, hostNames);
  const idle = createIdleSlots(create, first, collect);
  const { bare } = idle;
  const { imageOf, baseOf: baseOfImage, learn, unlearn } = createImages(bare);

  const homeOf = (sandbox: number): Home => {
    const home = live.get(sandbox);
    if (!home) throw new Error(`sandbox ${sandbox} is not live in this worker`);
    return home;
  };
  const fresh = (image?: number): Home => {
    const base = baseOfImage(image);
    return { slot: idle.take(base), base };
  };
  return {
    homeOf,
    fresh,
    imageOf,
    learn,
    unlearn,
    prepare: idle.prepare,
    wake(image, checkpoint) {
      const bytes = checkpoint && !isPlain(checkpoint) ? unpack(checkpoint) : checkpoint;
      const home = fresh(image);
      if (bytes) applyCheckpoint(home.slot, bytes);
      return home;
    },
    keep(sandbox, home) {
      live.set(sandbox, home);
    },
    forget(sandbox) {
      const { slot } = homeOf(sandbox);
      live.delete(sandbox);
      idle.give(slot, true);
    },
    drop(sandbox) {
      live.delete(sandbox);
    },
    recycle({ slot }, clean) {
      idle.give(slot, clean);
    },
    checkpointOf: ({ slot, base }) => captureCheckpoint(slot, base),
    captureInit: ({ slot }) => capture(slot, bare, true),
    baseOver: ({ delta }) => ({ boot: bare.boot, delta }),
  };
};
