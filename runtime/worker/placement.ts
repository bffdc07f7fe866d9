// Which worker evaluates the next task. Pure: what is known goes in, a decision comes out.

/** A worker as placement sees it. */
export interface Seat {
  readonly index: number;
  readonly idle: boolean;
  /** How long its present task has been running, or how long it has been idle, in milliseconds. */
  readonly forMs: number;
  /** Whose task it runs. */
  readonly caller: string | undefined;
  /** What it runs is known to be slow, however long it has been running. */
  readonly slow: boolean;
  /** Sandboxes that are live in it. */
  readonly live: number;
  /** The share of its time that it has been busy of late, 0 to 1. */
  readonly share: number;
}

export interface Rules {
  /** Calls that may run at once, slow ones not counted; of one caller, all counted. */
  readonly workers: number;
  readonly slowAfterMs: number;
  /** One worker is busy for so much more of its time than another that sandboxes should move. */
  readonly unevenMin: number;
}

export type Placement =
  /** `trial`: beyond what its caller may have, while it is short. */
  | { readonly kind: 'run'; readonly seat: number; readonly trial?: true }
  /** This job is not to be tried beside what its caller has running. */
  | { readonly kind: 'long' }
  /** This job waits for its sandbox. `again`: ask again soon, even if no task ends. */
  | { readonly kind: 'wait'; readonly again: boolean }
  /** Its caller has as many running as he may. */
  | { readonly kind: 'full' }
  /** Nobody's job can start. `spare`: one more worker could take it. */
  | { readonly kind: 'stop'; readonly spare: boolean };

/** A job that begins as soon as a worker is free. */
export const wantsWorker = (placement: Placement): boolean =>
  placement.kind === 'stop' || (placement.kind === 'wait' && placement.again);

/** Whose call it is. */
export interface Guest {
  readonly caller: string;
  /** His calls tend to be slow. */
  readonly slow: boolean;
  /** Where slow calls of his run in all that he may have: whether this one may beside them. */
  readonly trial: 'this' | 'another' | 'none';
}

const isBrief = ({ idle, forMs, slow }: Seat, { slowAfterMs }: Rules): boolean =>
  !idle && !slow && forMs < slowAfterMs;

/** The one that has been idle longest has had time to make a slot ready. */
const longestIdle = (seats: readonly Seat[]): Seat | undefined =>
  seats.filter(({ idle }) => idle).toSorted((a, b) => b.forMs - a.forMs)[0];

/**
 * Where a call that will be slow goes: where the fewest sandboxes live, and it waits for that while
 * it is briefly busy. Else endless calls would go from worker to worker, and the sandboxes of all
 * others before them.
 */
const loneliest = (seats: readonly Seat[], rules: Rules): Seat | undefined =>
  seats
    .filter((seat) => seat.idle || isBrief(seat, rules))
    .toSorted((a, b) => a.live - b.live || a.forMs - b.forMs)[0];

/** It runs no task, but makes a checkpoint. */
const isCopying = (seat: Seat, rules: Rules): boolean =>
  seat.caller === undefined && isBrief(seat, rules);

/** A sandbox as placement sees it. */
export interface Lodger {
  readonly home: number | undefined;
  readonly busy: boolean;
  /** What it costs to make it again elsewhere. */
  readonly remakeMs: number;
}

/**
 * A sandbox stays where it is live while that worker is free or may soon be.
 * Once it has waited about as long as it takes to make it again elsewhere, it goes: so it never
 * costs more than twice what the better choice would have, whenever its home comes free. Once a
 * call is slow its worker counts no more, so that others run beside it. And it goes at once where
 * most of the work has come to be in one worker, else that would stay so: calls that wait for less
 * than this each time, in a worker that is never idle, beside one that is.
 */
const seatFor = (
  guest: Pick<Guest, 'slow'>,
  resident: Lodger | undefined,
  seats: readonly Seat[],
  rules: Rules,
): Placement => {
  if (resident?.busy === true) return { kind: 'wait', again: false };
  const free = longestIdle(seats);
  // To start a thread takes longer than a checkpoint does.
  if (!free) return { kind: 'stop', spare: !seats.some((seat) => isCopying(seat, rules)) };
  const home = seats.find(({ index }) => index === resident?.home);
  if (!home) {
    const { idle, index } = (guest.slow ? loneliest(seats, rules) : undefined) ?? free;
    return idle ? { kind: 'run', seat: index } : { kind: 'wait', again: true };
  }
  if (home.idle) return { kind: 'run', seat: home.index };
  const patienceMs = home.slow ? 0 : rules.slowAfterMs;
  const uneven = home.share - free.share > rules.unevenMin;
  const waits = !uneven && home.forMs < patienceMs + (resident?.remakeMs ?? 0);
  return waits ? { kind: 'wait', again: true } : { kind: 'run', seat: free.index };
};

/** One more call than its caller may have, beside nothing but slow ones of his. */
const tryOut = (
  guest: Guest,
  resident: Lodger | undefined,
  seats: readonly Seat[],
  rules: Rules,
): Placement => {
  if (guest.trial === 'another') return { kind: 'long' };
  const placement = seatFor({ slow: false }, resident, seats, rules);
  return placement.kind === 'run' ? { ...placement, trial: true } : placement;
};

/** Decides for one task. */
export const place = (
  guest: Guest,
  resident: Lodger | undefined,
  seats: readonly Seat[],
  rules: Rules,
): Placement => {
  if (seats.filter((seat) => isBrief(seat, rules)).length >= rules.workers) {
    return { kind: 'stop', spare: false };
  }
  const own = seats.filter(({ idle, caller }) => !idle && caller === guest.caller);
  if (own.length < rules.workers) return seatFor(guest, resident, seats, rules);
  const mayTry = guest.trial !== 'none' && own.length === rules.workers;
  // By the mark alone: when this thread has had no time to read its answers, none looks brief.
  return mayTry && own.every(({ slow }) => slow)
    ? tryOut(guest, resident, seats, rules)
    : { kind: 'full' };
};
