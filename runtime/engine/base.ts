// What a memory is told apart from: the boot image, or that with what an init_script left laid over
// it. Knows nothing of slots.

import { writtenPageBytes, type Stretch } from './written.ts';

export type Globals = readonly (number | bigint)[];

/** The memory of an interpreter that has booted, and its mutable globals. */
export interface BootImage {
  /** From the end of the stack on: between calls the stack holds nothing that is read again. */
  readonly heap: Buffer;
  readonly heapStart: number;
  readonly globals: Globals;
}

/** The blocks of a memory that differ from its base. */
export interface Delta {
  /** Ascending numbers of blocks, counted from address 0. */
  readonly places: Uint32Array;
  /** As many blocks of `blockBytes`, in that order. */
  readonly blocks: Uint8Array;
  readonly globals: Globals;
  /** Bytes of memory as the sandbox sees it. */
  readonly memoryBytes: number;
}

/**
 * What a memory is compared with: the boot image, with the blocks of a delta over it laid on the
 * stretches that they fall into.
 */
export interface Base {
  readonly boot: BootImage;
  readonly delta: Delta | undefined;
  readonly stretches: ReadonlyMap<number, Buffer>;
}

/** Small enough that an object changed costs little, large enough that their list does too. */
export const blockBytes = 256;
/** What is compared at once, and what a base has of its own: a page as writes are noted by. */
export const stretchBytes = writtenPageBytes;
const zeros = Buffer.alloc(stretchBytes);

/** The bytes of the boot image from `at` on, zeros where it has ended. */
export const bootBytes = ({ heap, heapStart }: BootImage, at: number): Buffer =>
  at < heapStart + heap.length
    ? heap.subarray(at - heapStart, at - heapStart + stretchBytes)
    : zeros.subarray(0, stretchBytes);

/** Prepares a base for comparisons: what a delta says, over the boot image. */
export const baseOf = (boot: BootImage, delta?: Delta): Base => {
  const stretches = new Map<number, Buffer>();
  delta?.places.forEach((place, index) => {
    const at = place * blockBytes;
    const start = at - (at % stretchBytes);
    let stretch = stretches.get(start);
    if (!stretch) {
      stretch = Buffer.alloc(stretchBytes);
      stretch.set(bootBytes(boot, start));
      stretches.set(start, stretch);
    }
    const from = index * blockBytes;
    stretch.set(delta.blocks.subarray(from, from + blockBytes), at - start);
  });
  return { boot, delta, stretches };
};

/** Writes what a base says of a stretch: the boot image, zeros behind it, its own stretches. */
export const lay = (memory: Buffer, { boot, stretches }: Base, { from, to }: Stretch): void => {
  const { heap, heapStart } = boot;
  const heapEnd = heapStart + heap.length;
  if (from < heapEnd) heap.copy(memory, from, from - heapStart, Math.min(to, heapEnd) - heapStart);
  if (to > heapEnd) memory.fill(0, Math.max(from, heapEnd), to);
  if (stretches.size === 0) return;
  for (let at = from; at < to; at += stretchBytes) {
    stretches.get(at)?.copy(memory, at, 0, Math.min(to - at, stretchBytes));
  }
};
