// An image is all that a sandbox is: the non-zero blocks of its memory and its mutable globals.
// Restoring one covers the whole physical memory of a slot, so that nothing of the last sandbox is
// left.

import { pageBytes } from './abi.ts';
import { physicalBytes, type Slot } from './slot.ts';

export interface Image {
  /** Ascending, apart, none empty. */
  readonly segments: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  readonly globals: readonly (number | bigint)[];
  /** Bytes of physical memory that a slot must have at least. */
  readonly memoryBytes: number;
}

const blockBytes = 4096;
const zeroBlock = Buffer.alloc(blockBytes);

/** Copies a slot's state out: runs of blocks that hold anything but zeros. */
export const capture = (slot: Slot): Image => {
  const memory = Buffer.from(slot.exports.memory.buffer);
  const segments: { offset: number; bytes: Uint8Array }[] = [];
  let start = -1;
  for (let at = 0; at <= memory.length; at += blockBytes) {
    const zero = at === memory.length || zeroBlock.equals(memory.subarray(at, at + blockBytes));
    if (!zero && start < 0) start = at;
    if (zero && start >= 0) {
      segments.push({ offset: start, bytes: new Uint8Array(memory.subarray(start, at)) });
      start = -1;
    }
  }
  return {
    segments,
    globals: slot.globals.map((global) => global.value as number | bigint),
    memoryBytes: memory.length,
  };
};

const growTo = (slot: Slot, bytes: number): void => {
  const missing = bytes - physicalBytes(slot);
  if (missing > 0) slot.exports.memory.grow(missing / pageBytes);
};

/** Makes a slot byte for byte what it was when `image` was captured, and zero everywhere else. */
export const restore = (slot: Slot, image: Image): void => {
  growTo(slot, image.memoryBytes);
  const memory = new Uint8Array(slot.exports.memory.buffer);
  let end = 0;
  for (const { offset, bytes } of image.segments) {
    memory.fill(0, end, offset);
    memory.set(bytes, offset);
    end = offset + bytes.length;
  }
  memory.fill(0, end);
  slot.globals.forEach((global, index) => {
    global.value = image.globals[index];
  });
};
