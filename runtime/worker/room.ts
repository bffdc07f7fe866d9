// Makes room: live sandboxes rest, dormant ones are forgotten, and their workers are told.

import { poolLimits } from '../../contract/limits.ts';
import { isLight } from '../sandbox/journal.ts';
import type { Archive } from './archive.ts';
import type { Directory } from './directory.ts';
import type { Resident } from './resident.ts';
import type { Seat } from './seat.ts';

export interface Room {
  /** Its worker, if it is live in one, ends it with the next message; it is dormant. */
  readonly leave: (resident: Resident) => void;
  /** Ends a sandbox, on disk too; one that is busy ends when it is not. */
  readonly end: (resident: Resident) => void;
  /** Lets sandboxes of a worker rest, and any end, until all keep to their bounds. */
  readonly make: (seat: Seat) => void;
  /** Forgets dormant ones until all keep to their bounds, and has checkpoints packed. */
  readonly trim: () => void;
  /** Ends all that nobody has used since `usedAt`. */
  readonly endIdle: (usedAt: number) => void;
  /**
   * Lets some sandboxes of a worker rest whose call has used so much that they would have to be
   * made again elsewhere, those that were used last first. True: ask again soon.
   */
  readonly clear: (seat: Seat) => boolean;
}

/** A call that has used so much is likely to use as much again. */
const holds = ({ work, thread }: Seat): boolean =>
  work?.urgent === false && thread.fuelGranted() >= poolLimits.clearFuel;

/** `seats` are the pool's, present and future. */
export const createRoom = (
  directory: Directory,
  seats: readonly Seat[],
  archive: Archive,
  packMore: () => void,
): Room => {
  const leave = (resident: Resident): void => {
    if (resident.home === undefined) return;
    seats[resident.home]?.forget.push(resident.sandbox);
    directory.unsettle(resident);
  };
  /** It stays on disk, if there is one. */
  const strike = (resident: Resident): void => {
    archive.flush(resident);
    if (!resident.busy) leave(resident);
    directory.strike(resident);
  };
  const end = (resident: Resident): void => {
    if (!resident.busy) leave(resident);
    directory.strike(resident);
    archive.remove(resident.key);
  };
  const rest = (seat: Seat, resident: Resident): void => {
    if (isLight(resident.past.journal)) {
      leave(resident);
      return;
    }
    directory.unsettle(resident);
    resident.busy = true;
    seat.resting.set(resident.sandbox, resident);
    seat.thread.rest(resident.sandbox);
  };
  const trim = (): void => {
    // First: what is packed need not be forgotten.
    packMore();
    for (let one = directory.surplus(); one; one = directory.surplus()) strike(one);
  };
  return {
    leave,
    end,
    make(seat) {
      for (let one = directory.tired(seat.index); one; one = directory.tired(seat.index)) {
        rest(seat, one);
      }
      trim();
    },
    trim,
    clear(seat) {
      if (!seat.work) return false;
      const there = directory.liveIn(seat.index).filter(({ busy }) => !busy);
      if (!holds(seat)) return there.length > 0;
      for (const one of there.slice(-poolLimits.clearAtOnce).toReversed()) rest(seat, one);
      return there.length > poolLimits.clearAtOnce;
    },
    endIdle(usedAt) {
      for (let one = directory.idle(usedAt); one; one = directory.idle(usedAt)) end(one);
      for (const seat of seats) {
        seat.forget.forEach(seat.thread.forget);
        seat.forget = [];
      }
    },
  };
};
