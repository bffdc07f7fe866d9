// What a sandbox is, as data: the boot image is a whole memory, everything else a delta, the list
// of blocks in which a memory differs from its base. Restoring covers the whole physical memory of
// a slot, so that nothing of the last sandbox is left.

import { pageBytes } from './abi.ts';
import { forgetStack, memoryBytes, physicalBytes, stackEnd, stackReached } from './slot.ts';
import type { Slot } from './slot.ts';

type Globals = readonly (number | bigint)[];

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
/** Equal stretches are passed over with one comparison. */
const stretchBytes = 4096;
const wipeBytes = 65_536;
const zeros = Buffer.alloc(wipeBytes);

const memoryOf = (slot: Slot): Buffer => Buffer.from(slot.exports.memory.buffer);
const globalsOf = (slot: Slot): Globals =>
  slot.globals.map((global) => global.value as number | bigint);

/** Copies out what a slot holds that has booted and done nothing else. */
export const captureBoot = (slot: Slot): BootImage => {
  const heapStart = stackEnd(slot);
  // Not from Buffer's pool: its words must be aligned.
  const heap = Buffer.from(memoryOf(slot).buffer.slice(heapStart));
  return { heap, heapStart, globals: globalsOf(slot) };
};

/** The bytes of the boot image from `at` on, zeros where it has ended. */
const bootBytes = ({ heap, heapStart }: BootImage, at: number): Buffer =>
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

/** The same bytes as words: comparing in JavaScript is faster than calling for each block. */
const wordsOf = ({ buffer, byteOffset, byteLength }: Buffer): Int32Array =>
  new Int32Array(buffer, byteOffset, byteLength / Int32Array.BYTES_PER_ELEMENT);

const blockWords = blockBytes / Int32Array.BYTES_PER_ELEMENT;

const sameBlock = (left: Int32Array, right: Int32Array, from: number): boolean => {
  for (let word = from; word < from + blockWords; word++) {
    if (left[word] !== right[word]) return false;
  }
  return true;
};

/** Numbers of the blocks that differ from `base`. */
const differing = (memory: Buffer, end: number, base: Base): readonly number[] => {
  const { boot, stretches } = base;
  const places: number[] = [];
  for (let at = boot.heapStart; at < end; at += stretchBytes) {
    const expected = stretches.get(at) ?? bootBytes(boot, at);
    const stretch = memory.subarray(at, at + stretchBytes);
    if (stretch.equals(expected)) continue;
    const [left, right] = [wordsOf(stretch), wordsOf(expected)];
    for (let from = 0; from < left.length; from += blockWords) {
      if (!sameBlock(left, right, from)) places.push(at / blockBytes + from / blockWords);
    }
  }
  return places;
};

/** Runs of neighbouring places: most blocks come in some. */
function* runsOf(places: ArrayLike<number>) {
  for (let first = 0; first < places.length;) {
    const place = places[first] ?? 0;
    let next = first + 1;
    while (next < places.length && places[next] === place + next - first) next++;
    yield { index: first * blockBytes, at: place * blockBytes, bytes: (next - first) * blockBytes };
    first = next;
  }
}

/**
 * Copies out the blocks in which a slot differs from the base that it was restored from. `shared`:
 * into memory that every thread can read.
 */
export const capture = (slot: Slot, base: Base, shared = false): Delta => {
  const memory = memoryOf(slot);
  const bytes = memoryBytes(slot);
  const places = differing(memory, bytes, base);
  const size = places.length * blockBytes;
  const blocks = new Uint8Array(shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size));
  for (const { index, at, bytes: length } of runsOf(places)) {
    blocks.set(memory.subarray(at, at + length), index);
  }
  return {
    places: Uint32Array.from(places),
    blocks,
    globals: globalsOf(slot),
    memoryBytes: bytes,
  };
};

/** Zeroes a range, but leaves pages that were never touched untouched: they cost no memory. */
const wipe = (memory: Buffer, from: number, to: number): void => {
  for (let at = from; at < to; at += wipeBytes) {
    const stretch = memory.subarray(at, Math.min(to, at + wipeBytes));
    if (!stretch.equals(zeros.subarray(0, stretch.length))) stretch.fill(0);
  }
};

const setGlobals = (slot: Slot, globals: Globals): void => {
  slot.globals.forEach((global, index) => {
    global.value = globals[index];
  });
};

const growTo = (slot: Slot, bytes: number): void => {
  const missing = bytes - physicalBytes(slot);
  if (missing > 0) slot.exports.memory.grow(missing / pageBytes);
};

/** Makes a slot what it was when `boot` was captured, and zero everywhere else. */
export const restoreBoot = (slot: Slot, boot: BootImage): void => {
  const { heap, heapStart, globals } = boot;
  growTo(slot, heapStart + heap.length);
  const memory = memoryOf(slot);
  wipe(memory, stackReached(slot), heapStart);
  forgetStack(slot);
  memory.set(heap, heapStart);
  wipe(memory, heapStart + heap.length, memory.length);
  setGlobals(slot, globals);
};

/** Lays a delta over a slot that holds its base. */
export const apply = (slot: Slot, delta: Delta): void => {
  growTo(slot, delta.memoryBytes);
  const memory = memoryOf(slot);
  for (const { index, at, bytes } of runsOf(delta.places)) {
    memory.set(delta.blocks.subarray(index, index + bytes), at);
  }
  setGlobals(slot, delta.globals);
};
