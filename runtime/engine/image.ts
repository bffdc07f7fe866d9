// What a sandbox is, as data: the boot image is a whole memory, everything else a delta, the list
// of blocks in which a memory differs from its base. Restoring covers the whole physical memory of
// a slot, so that nothing of the last sandbox is left.

import { blockBytes, lay, pageOf, runsOf } from './base.ts';
import type { Base, BootImage, Delta } from './base.ts';
import { forgetStack, growTo, memoryBytes, physicalBytes, setGlobals, stackEnd } from './slot.ts';
import { stackReached, valuesOf, type Slot } from './slot.ts';
import { findWritten } from './unnoted.ts';
import { forgetWritten, noteWritten, writtenIn, writtenPageBytes } from './written.ts';

const wipeBytes = 65_536;
const zeros = Buffer.alloc(wipeBytes);

const memoryOf = (slot: Slot): Buffer => Buffer.from(slot.exports.memory.buffer);
/** Copies out what a slot holds that has booted and done nothing else. */
export const captureBoot = (slot: Slot): BootImage => {
  const heapStart = stackEnd(slot);
  // Not from Buffer's pool: its words must be aligned.
  const heap = Buffer.from(memoryOf(slot).buffer.slice(heapStart));
  return { heap, heapStart, globals: valuesOf(slot) };
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

/** Numbers of the blocks of a page, or of its beginning, that differ from what is expected. */
const differingIn = (memory: Buffer, from: number, to: number, expected: Buffer): number[] => {
  const stretch = memory.subarray(from, to);
  const whole = expected.subarray(0, stretch.length);
  if (stretch.equals(whole)) return [];
  const [left, right] = [wordsOf(stretch), wordsOf(whole)];
  const places: number[] = [];
  for (let at = 0; at < left.length; at += blockWords) {
    if (!sameBlock(left, right, at)) places.push(from / blockBytes + at / blockWords);
  }
  return places;
};

/** Numbers of the blocks up to `end` in which a slot differs from a base that it holds. */
const differing = (slot: Slot, end: number, base: Base): readonly number[] => {
  const memory = memoryOf(slot);
  const places: number[] = [];
  for (const { from, to } of writtenIn(slot.notes, base.boot.heapStart, end)) {
    for (let at = from; at < to; at += writtenPageBytes) {
      const until = Math.min(at + writtenPageBytes, to);
      places.push(...differingIn(memory, at, until, pageOf(base, at)));
    }
  }
  return places;
};

/**
 * From now on a slot is told apart from another base than the one that it was restored to: where
 * the two differ counts as written.
 */
export const rebase = (slot: Slot, base: Base): void => {
  const { holds, notes } = slot;
  if (holds === base) return;
  if (holds?.boot !== base.boot) noteWritten(notes, 0, physicalBytes(slot));
  for (const { delta } of [holds ?? base, base]) {
    delta?.places.forEach((place) => {
      noteWritten(notes, place * blockBytes, blockBytes);
    });
  }
  slot.holds = base;
};

/**
 * Copies out the blocks in which a slot differs from a base. `shared`: into memory that every
 * thread can read.
 */
export const capture = (slot: Slot, base: Base, shared = false): Delta => {
  rebase(slot, base);
  const memory = memoryOf(slot);
  const bytes = memoryBytes(slot);
  findWritten(slot, base, bytes);
  const places = differing(slot, bytes, base);
  const size = places.length * blockBytes;
  const blocks = new Uint8Array(shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size));
  for (const { index, at, bytes: length } of runsOf(places)) {
    blocks.set(memory.subarray(at, at + length), index);
  }
  return {
    places: Uint32Array.from(places),
    blocks,
    globals: valuesOf(slot),
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

/** What frames may have written, and below them what is noted: by no frame, but a wild store. */
const wipeStack = (slot: Slot, memory: Buffer, end: number): void => {
  const reached = stackReached(slot);
  for (const { from, to } of writtenIn(slot.notes, 0, reached)) wipe(memory, from, to);
  wipe(memory, reached, end);
};

/**
 * Makes a slot what `base` says, over its whole physical memory: what may differ is written, all
 * else is that already.
 */
export const restore = (slot: Slot, base: Base): void => {
  const { boot, delta } = base;
  growTo(slot, Math.max(boot.heapStart + boot.heap.length, delta?.memoryBytes ?? 0));
  const memory = memoryOf(slot);
  rebase(slot, base);
  wipeStack(slot, memory, boot.heapStart);
  forgetStack(slot);
  for (const stretch of writtenIn(slot.notes, boot.heapStart, memory.length)) {
    lay(memory, base, stretch);
  }
  forgetWritten(slot.notes, memory.length);
  setGlobals(slot, (delta ?? boot).globals);
};
