// How much is under way in a pool.

import type { Seat } from './seat.ts';

/** Evaluations under way: those that run, those of them that are slow, those that wait. */
export interface Load {
  readonly running: number;
  readonly slow: number;
  readonly waiting: number;
}

/** What is under way in `seats`, beside `waiting` calls that wait for their host. */
export const loadOf = (seats: readonly Seat[], waiting: number, queued: number): Load => {
  const works = seats.flatMap(({ work }) => work ?? []);
  const slow = works.filter(({ urgent }) => !urgent).length;
  return { running: works.length + waiting, slow, waiting: queued };
};

/** The largest grant of fuel among what runs. */
export const fuelGrantedIn = (seats: readonly Seat[]): number =>
  Math.max(0, ...seats.map(({ work, thread }) => (work ? thread.fuelGranted() : 0)));
