// When a call notes nothing of what it writes (`meter.unnoted` of the ABI). Notes make a slot its
// base again without copying it whole, and cost up to a fifth of the time of what runs. So a call
// that is long against what copying takes does better without: from its beginning, if it was
// expected to be long, else once it is. And so do those after it until the slot is restored or
// compared: every page counts as written.

import { poolLimits } from '../../contract/limits.ts';
import type { InterpreterExports } from './abi.ts';
import { pageOf, type Base } from './base.ts';
import { physicalBytes, type Slot } from './slot.ts';
import { noteAll, noteOnly, writtenPageBytes } from './written.ts';

type Noting = Pick<InterpreterExports, 'memory' | 'meter.unnoted'>;

/** Whether a call that is taken to use so much fuel is to begin without notes. */
export const isExpectedLong = ({ memory }: Pick<Noting, 'memory'>, fuelExpected: number): boolean =>
  fuelExpected >= memory.buffer.byteLength * poolLimits.notingFuelExpectedPerByte;

/** To be called before a call begins that is taken to use so much fuel. */
export const beginNotes = ({ exports, notes }: Slot, fuelExpected: number): void => {
  const unnoted = exports['meter.unnoted'];
  if (unnoted) unnoted.value = Number(notes.all || isExpectedLong(exports, fuelExpected));
};

/** To be called at each quantum with the fuel that the call has used. */
export const considerNotes = (exports: Noting, fuelUsed: number): void => {
  const unnoted = exports['meter.unnoted'];
  if (!unnoted) return;
  if (fuelUsed >= exports.memory.buffer.byteLength * poolLimits.notingFuelPerByte) {
    unnoted.value = 1;
  }
};

/**
 * To be called whenever control is back and nothing runs: what was written without a note is noted,
 * and what is entered next notes again.
 */
export const settleNotes = (slot: Slot): void => {
  const unnoted = slot.exports['meter.unnoted'];
  if (!unnoted || unnoted.value === 0) return;
  noteAll(slot.notes, physicalBytes(slot));
  unnoted.value = 0;
};

/**
 * Where all pages of a slot count as written, finds those up to `end` that are not what the base is
 * that it holds.
 */
export const findWritten = ({ exports, notes }: Slot, base: Base, end: number): void => {
  if (!notes.all || !notes.kept) return;
  const memory = Buffer.from(exports.memory.buffer);
  const from = base.boot.heapStart;
  // The note of the last page stands for bytes behind `end` too.
  const to = end - writtenPageBytes;
  const pages: number[] = [];
  for (let at = from; at < to; at += writtenPageBytes) {
    const expected = pageOf(base, at);
    const same = memory.compare(expected, 0, writtenPageBytes, at, at + writtenPageBytes) === 0;
    if (!same) pages.push(at / writtenPageBytes);
  }
  noteOnly(notes, { from, to }, pages);
};
