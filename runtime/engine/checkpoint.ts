// A checkpoint: what a sandbox is, as the words of its memory that differ from its base. Layout, in
// words of 32 bits, little endian, as all machines are that Node runs on but one:
// a mark, bytes of memory, number of globals, number of groups; the globals (64 bits each); the
// numbers of the groups; for each group a bit for each of its 32 words that differs; these words.

import { checkpointRoomBytes, requestLimits } from '../../contract/limits.ts';
import { pageBytes } from './abi.ts';
import { pageOf, type Base } from './base.ts';
import { rebase } from './image.ts';
import { findWritten } from './unnoted.ts';
import { growTo, memoryBytes, setGlobals, stackEnd, type Slot } from './slot.ts';
import { noteWritten, writtenIn, writtenPageBytes } from './written.ts';

const wordBytes = Int32Array.BYTES_PER_ELEMENT;
/** As many words as an integer has bits. */
const groupWords = 32;
const groupBytes = groupWords * wordBytes;
const headerWords = 4;
const globalWords = 2;
/** No other bytes of ours begin like this, nor do compressed ones. */
const mark = 0x31_57_44_50;

/** Groups of words that differ, and these words, as they are found. */
interface Found {
  readonly groups: Uint32Array;
  readonly masks: Uint32Array;
  readonly words: Int32Array;
  groupCount: number;
  wordCount: number;
}

const createFound = (bytes: number): Found => ({
  groups: new Uint32Array(bytes / groupBytes),
  masks: new Uint32Array(bytes / groupBytes),
  words: new Int32Array(bytes / wordBytes),
  groupCount: 0,
  wordCount: 0,
});

const usual = createFound(checkpointRoomBytes);

/** Room for so many bytes of memory; memory that was never touched is dear, so it is used again. */
const roomFor = (bytes: number): Found => {
  if (bytes > checkpointRoomBytes) return createFound(bytes);
  usual.groupCount = 0;
  usual.wordCount = 0;
  return usual;
};

/** Four words at a time: there are few that differ. */
const sameGroup = (left: Int32Array, at: number, right: Int32Array, from: number): boolean => {
  for (let bit = 0; bit < groupWords; bit += 4) {
    const [i, j] = [at + bit, from + bit];
    const first = ((left[i] ?? 0) ^ (right[j] ?? 0)) | ((left[i + 1] ?? 0) ^ (right[j + 1] ?? 0));
    const next = (left[i + 2] ?? 0) ^ (right[j + 2] ?? 0);
    if ((first | next | ((left[i + 3] ?? 0) ^ (right[j + 3] ?? 0))) !== 0) return false;
  }
  return true;
};

/** Adds the words from `at` to `end` that are not what is expected there, from its `from` on. */
const compare = (
  found: Found,
  memory: Int32Array,
  { at, end }: { readonly at: number; readonly end: number },
  expected: Int32Array,
): void => {
  const { groups, masks, words } = found;
  let { groupCount, wordCount } = found;
  for (let group = at; group < end; group += groupWords) {
    if (sameGroup(memory, group, expected, group - at)) continue;
    let mask = 0;
    for (let bit = 0; bit < groupWords; bit++) {
      const word = memory[group + bit];
      if (word === expected[group - at + bit]) continue;
      mask |= 1 << bit;
      words[wordCount++] = word ?? 0;
    }
    groups[groupCount] = group / groupWords;
    masks[groupCount++] = mask;
  }
  found.groupCount = groupCount;
  found.wordCount = wordCount;
};

const wordsOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Int32Array =>
  new Int32Array(buffer, byteOffset, byteLength / wordBytes);

/** Where a slot differs from a base that it holds, up to `end`. */
const differing = (slot: Slot, base: Base, end: number): Found => {
  const stretches = [...writtenIn(slot.notes, base.boot.heapStart, end)];
  const found = roomFor(stretches.reduce((sum, { from, to }) => sum + to - from, 0));
  const memory = new Int32Array(slot.exports.memory.buffer);
  for (const { from, to } of stretches) {
    for (let at = from; at < to; at += writtenPageBytes) {
      const until = Math.min(at + writtenPageBytes, to);
      const words = { at: at / wordBytes, end: until / wordBytes };
      compare(found, memory, words, wordsOf(pageOf(base, at)));
    }
  }
  return found;
};

/** Copies out where a slot differs from a base. */
export const captureCheckpoint = (slot: Slot, base: Base): Uint8Array => {
  rebase(slot, base);
  const bytes = memoryBytes(slot);
  findWritten(slot, base, bytes);
  const { groups, masks, words, groupCount, wordCount } = differing(slot, base, bytes);
  const groupsAt = headerWords + slot.globals.length * globalWords;
  const masksAt = groupsAt + groupCount;
  const wordsAt = masksAt + groupCount;
  const out = new Uint32Array(wordsAt + wordCount);
  out.set([mark, bytes, slot.globals.length, groupCount]);
  const view = new DataView(out.buffer);
  slot.globals.forEach(({ value }, index) => {
    const at = (headerWords + index * globalWords) * wordBytes;
    view.setBigInt64(at, BigInt(value as number | bigint), true);
  });
  out.set(groups.subarray(0, groupCount), groupsAt);
  out.set(masks.subarray(0, groupCount), masksAt);
  out.set(words.subarray(0, wordCount), wordsAt);
  return new Uint8Array(out.buffer);
};

const markBytes = Buffer.from(Uint32Array.of(mark).buffer);

/** Whether it is as `captureCheckpoint` gave it, not packed. */
export const isPlain = (bytes: Uint8Array): boolean =>
  markBytes.equals(bytes.subarray(0, markBytes.length));

/** How many bits are set. */
const bitsOf = (mask: number): number => {
  const pairs = mask - ((mask >>> 1) & 0x55_55_55_55);
  const fours = (pairs & 0x33_33_33_33) + ((pairs >>> 2) & 0x33_33_33_33);
  return Math.imul((fours + (fours >>> 4)) & 0x0f_0f_0f_0f, 0x01_01_01_01) >>> 24;
};

/** As words; bytes that came from a file may begin anywhere. */
const read = (bytes: Uint8Array): Int32Array => {
  const aligned = bytes.byteOffset % wordBytes === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset } = aligned;
  return new Int32Array(buffer, byteOffset, Math.floor(bytes.length / wordBytes));
};

/** The parts of a checkpoint; throws when it is none, or none of this interpreter's. */
const partsOf = (slot: Slot, bytes: Uint8Array) => {
  const all = read(bytes);
  const [found = 0, memory = 0, globalCount = 0, groupCount = 0] = all;
  const groupsAt = headerWords + globalCount * globalWords;
  const wordsAt = groupsAt + 2 * groupCount;
  const groups = all.subarray(groupsAt, groupsAt + groupCount);
  const masks = all.subarray(groupsAt + groupCount, wordsAt);
  let wordCount = 0;
  for (const mask of masks) wordCount += bitsOf(mask);
  const isWhole = bytes.length === (wordsAt + wordCount) * wordBytes;
  if (found !== mark || globalCount !== slot.globals.length || !isWhole) {
    throw new Error('a checkpoint of another interpreter, or a damaged one');
  }
  const [first, end] = [stackEnd(slot) / groupBytes, memory / groupBytes];
  const fits = groups.every((group) => group >= first && group < end);
  if (!fits || memory > requestLimits.memoryBytesCeiling || memory % pageBytes !== 0) {
    throw new Error('a checkpoint of more than a memory');
  }
  return { memory, groups, masks, words: all.subarray(wordsAt) };
};

const globalsIn = ({ globals }: Slot, { buffer, byteOffset }: Uint8Array) => {
  const view = new DataView(buffer, byteOffset);
  return globals.map(({ value }, index) => {
    const number = view.getBigInt64((headerWords + index * globalWords) * wordBytes, true);
    return typeof value === 'bigint' ? number : Number(number);
  });
};

/**
 * Lays a checkpoint over a slot that holds its base. Throws before it has written anything when the
 * bytes are none of `captureCheckpoint`'s.
 */
export const applyCheckpoint = (slot: Slot, bytes: Uint8Array): void => {
  const { memory: size, groups, masks, words } = partsOf(slot, bytes);
  growTo(slot, size);
  const memory = new Int32Array(slot.exports.memory.buffer);
  let [next, noted] = [0, -1];
  for (let index = 0; index < groups.length; index++) {
    const at = (groups[index] ?? 0) * groupWords;
    const page = Math.floor((at * wordBytes) / writtenPageBytes);
    if (page !== noted) noteWritten(slot.notes, page * writtenPageBytes, writtenPageBytes);
    noted = page;
    let left = masks[index] ?? 0;
    if (left === -1) {
      for (let place = at; place < at + groupWords; place++) memory[place] = words[next++] ?? 0;
      continue;
    }
    while (left !== 0) {
      const lowest = left & -left;
      memory[at + 31 - Math.clz32(lowest)] = words[next++] ?? 0;
      left ^= lowest;
    }
  }
  setGlobals(slot, globalsIn(slot, bytes));
};
