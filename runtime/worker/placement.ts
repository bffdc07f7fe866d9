// Which worker evaluates the next task. Pure: what is known goes in, a decision comes out.

/** A worker as placement sees it. */
export interface Seat {
  readonly index: number;
  readonly idle: boolean;
  /** How long its present task has been running, in milliseconds; 0 when idle. */
  readonly busyMs: number;
  /** Sandboxes that live there. */
  readonly sandboxes: number;
}

export type Placement =
  | { readonly kind: 'run'; readonly seat: number }
  /** The sandbox leaves its busy home for an idle worker. */
  | { readonly kind: 'move'; readonly from: number; readonly to: number }
  /** No worker may take it yet. `again`: ask again soon, even if no task ends. */
  | { readonly kind: 'wait'; readonly again: boolean };

const emptiest = (seats: readonly Seat[]): Seat | undefined =>
  seats.filter(({ idle }) => idle).toSorted((a, b) => a.sandboxes - b.sandboxes)[0];

/**
 * Decides for one task. A sandbox stays where it lives while that worker is free or will soon be:
 * moving copies its memory. Once its home has been busy for `moveAfterMs` it moves to any idle
 * worker, so that a slow script never delays another's answer while a core is free.
 */
export const place = (
  resident: { readonly home: number; readonly busy: boolean } | undefined,
  seats: readonly Seat[],
  moveAfterMs: number,
): Placement => {
  if (resident?.busy === true) return { kind: 'wait', again: false };
  const free = emptiest(seats);
  if (!free) return { kind: 'wait', again: false };
  if (!resident) return { kind: 'run', seat: free.index };
  const home = seats.find(({ index }) => index === resident.home);
  if (!home || home.idle) return { kind: 'run', seat: resident.home };
  if (home.busyMs < moveAfterMs) return { kind: 'wait', again: true };
  return { kind: 'move', from: home.index, to: free.index };
};
