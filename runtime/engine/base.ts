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

/** What a memory is compared with: the boot image, and the blocks of a delta in their places. */
export interface Base {
  readonly boot: BootImage;
  readonly delta?: Delta | undefined;
}

/** Small enough that an object changed costs little, large enough that their list does too. */
export const blockBytes = 256;
const zeros = Buffer.alloc(writtenPageBytes);

/** The bytes of the boot image from `at` on, zeros where it has ended. */
const bootPage = ({ heap, heapStart }: BootImage, at: number): Buffer =>
  at < heapStart + heap.length
    ? heap.subarray(at - heapStart, at - heapStart + writtenPageBytes)
    : zeros;

/** The first of ascending places that is not below `place`. */
const lowerBound = (places: Uint32Array, place: number): number => {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Runs of neighbouring places, from one index to another: most blocks come in some. */
export function* runsOf(places: ArrayLike<number>, begin = 0, end = places.length) {
  for (let first = begin; first < end;) {
    const place = places[first] ?? 0;
    let next = first + 1;
    while (next < end && places[next] === place + next - first) next++;
    yield { index: first * blockBytes, at: place * blockBytes, bytes: (next - first) * blockBytes };
    first = next;
  }
}

/** Lays the blocks of a delta that fall into a stretch over memory that begins at `origin`. */
const layBlocks = (memory: Buffer, origin: number, delta: Delta, { from, to }: Stretch): void => {
  const { places, blocks } = delta;
  const begin = lowerBound(places, from / blockBytes);
  const end = lowerBound(places, to / blockBytes);
  for (const { index, at, bytes } of runsOf(places, begin, end)) {
    memory.set(blocks.subarray(index, index + bytes), at - origin);
  }
};

/** Writes what a base says of a stretch of whole blocks. */
export const lay = (memory: Buffer, { boot, delta }: Base, stretch: Stretch): void => {
  const { heap, heapStart } = boot;
  const { from, to } = stretch;
  const heapEnd = heapStart + heap.length;
  if (from < heapEnd) heap.copy(memory, from, from - heapStart, Math.min(to, heapEnd) - heapStart);
  if (to > heapEnd) memory.fill(0, Math.max(from, heapEnd), to);
  if (delta) layBlocks(memory, 0, delta, stretch);
};

const laid = Buffer.alloc(writtenPageBytes);

/** What a base says of the page at an address; valid until the next call. */
export const pageOf = ({ boot, delta }: Base, at: number): Buffer => {
  const page = bootPage(boot, at);
  if (!delta) return page;
  page.copy(laid);
  layBlocks(laid, at, delta, { from: at, to: at + writtenPageBytes });
  return laid;
};
