// Which pages of a slot may differ from what it was last restored to. The interpreter notes each
// page that it writes (`meter.written` of the ABI), and the host those that it writes itself.

import type { InterpreterExports } from './abi.ts';

export const writtenPageBytes = 4096;

/** A note stands for its page and for so many bytes of the next one. */
const slackBytes = 256;

/** Pages of 4 GiB. */
const pagesMax = 2 ** 32 / writtenPageBytes;

/** A byte for each page. */
export interface Notes {
  readonly pages: Buffer;
  /** False: the interpreter notes nothing, so every page may have been written at any time. */
  readonly kept: boolean;
  /** All pages count as written: to note more is of no use until some are forgotten. */
  all: boolean;
}

/** A stretch of memory, in bytes. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export const notesOf = (exports: Partial<InterpreterExports>): Notes => {
  const memory = exports['meter.written'];
  return memory
    ? { pages: Buffer.from(memory.buffer), kept: true, all: false }
    : { pages: Buffer.alloc(pagesMax, 1), kept: false, all: true };
};

/** Notes that a stretch of memory is written. */
export const noteWritten = ({ pages, kept }: Notes, from: number, bytes: number): void => {
  if (!kept || bytes === 0) return;
  const last = Math.floor((from + bytes - 1) / writtenPageBytes);
  pages.fill(1, Math.floor(from / writtenPageBytes), last + 1);
};

/** Notes all of a memory of so many bytes. */
export const noteAll = (notes: Notes, bytes: number): void => {
  noteWritten(notes, 0, bytes);
  notes.all = true;
};

/** To be called when the slot is what it was restored to again. `to`: where its memory ends. */
export const forgetWritten = (notes: Notes, to: number): void => {
  if (!notes.kept) return;
  notes.pages.fill(0, 0, Math.ceil(to / writtenPageBytes));
  notes.all = false;
};

/** Of the pages between, which begin where a page does, only these count as written from now on. */
export const noteOnly = (notes: Notes, { from, to }: Stretch, written: Iterable<number>): void => {
  if (!notes.kept) return;
  notes.pages.fill(0, from / writtenPageBytes, to / writtenPageBytes);
  for (const page of written) notes.pages[page] = 1;
  notes.all = false;
};

/**
 * The stretches between `from` (where a page begins) and `to` that may have been written. The page
 * before counts with what its note stands for behind it.
 */
export function* writtenIn({ pages }: Notes, from: number, to: number): Generator<Stretch> {
  const within = pages.subarray(0, Math.ceil(to / writtenPageBytes));
  for (let page = Math.max(0, from / writtenPageBytes - 1); page < within.length;) {
    const first = within.indexOf(1, page);
    if (first === -1) return;
    const next = within.indexOf(0, first);
    page = next === -1 ? within.length : next;
    const past = page * writtenPageBytes + slackBytes;
    yield { from: Math.max(first * writtenPageBytes, from), to: Math.min(past, to) };
  }
}
