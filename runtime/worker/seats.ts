// The seats of the pool: starts a thread in each, and another when one is lost.

import { poolLimits } from '../../contract/limits.ts';
import type { WorkerMessage, WorkerStart } from './protocol.ts';
import { createSeat, vacate, type Seat } from './seat.ts';
import type { Thread } from './thread.ts';
import type { Threads } from './threads.ts';

export interface SeatEvents {
  readonly onMessage: (seat: Seat, message: WorkerMessage) => void;
  /** The thread is gone and nobody asked it to go. */
  readonly onLost: (seat: Seat, cause: string) => void;
}

export interface Seats {
  readonly all: readonly Seat[];
  /** Puts one more thread beside them, unless there are as many as there may be. */
  readonly add: () => void;
  /** Puts another thread into the seat of one that is gone; the more often, the later. */
  readonly restart: (seat: Seat) => void;
  /** Ends all threads at once. */
  readonly end: () => Promise<void>;
}

export const createSeats = (
  start: Omit<WorkerStart, 'tasks' | 'control' | 'signals'>,
  threads: Threads,
  { onMessage, onLost }: SeatEvents,
): Seats => {
  const all: Seat[] = [];
  let ended = false;
  const threadFor = (seat: () => Seat): Thread =>
    threads.start(start, {
      onMessage: (message) => {
        onMessage(seat(), message);
      },
      onLost: (cause) => {
        if (!ended) onLost(seat(), cause);
      },
    });
  return {
    all,
    add() {
      if (all.length >= threads.workers + threads.spare) return;
      const seat: Seat = createSeat(
        all.length,
        threadFor(() => seat),
      );
      all.push(seat);
    },
    restart(seat) {
      vacate(seat);
      const delay = Math.min(poolLimits.restartMsMax, 100 * (2 ** seat.startsFailed - 1));
      seat.startsFailed += 1;
      setTimeout(() => {
        if (!ended) seat.thread = threadFor(() => seat);
      }, delay);
    },
    async end() {
      ended = true;
      await Promise.all(all.map(({ thread }) => thread.end()));
    },
  };
};
