// Who expects a message soon looks for it for a moment before it sleeps. On a machine with one CPU
// that would keep the one who is to send it from running, so there nobody lingers.

import { availableParallelism } from 'node:os';
import { poolLimits } from '../../contract/limits.ts';

export interface LingerOptions {
  /** Deals with one message, if one has come. */
  readonly look: () => void;
  /** Milliseconds. */
  readonly now: () => number;
  /** How long to look. */
  readonly lingerMs: number;
  /** How long the event loop may be kept waiting, messages dealt with included. */
  readonly lingerMsMax: number;
}

/** The product's times; none to linger where there is one CPU. */
export const lingering = {
  now: () => performance.now(),
  lingerMs: availableParallelism() > 1 ? poolLimits.lingerMs : 0,
  lingerMsMax: poolLimits.lingerMsMax,
};

/**
 * Whether to linger. Not when it was in vain the last times: whoever is called now and then sleeps,
 * and so it is where threads outnumber CPUs, for there the other side waits for the CPU that who
 * lingers holds. But now and then it is tried again.
 */
const createGuess = () => {
  let missed = 0;
  let skipped = 0;
  return {
    isWorth(): boolean {
      if (missed < missesMax) return true;
      skipped = (skipped + 1) % tryEvery;
      return skipped === 0;
    },
    told(hit: boolean): void {
      missed = hit ? 0 : missed + 1;
    },
  };
};

const missesMax = 2;
const tryEvery = 16;

export interface Linger {
  /** To be called when a message has come. */
  readonly came: () => void;
  /** To be called when it has been dealt with: looks for others. */
  readonly stay: () => void;
}

/** For a thread that has nothing else to do. */
export const createLinger = ({ look, now, lingerMs, lingerMsMax }: LingerOptions): Linger => {
  const guess = createGuess();
  let idleSince = 0;
  let staying = false;
  let hit = false;
  const stay = (): void => {
    const end = idleSince + lingerMsMax;
    for (let at = idleSince; at - idleSince < lingerMs && at < end; at = now()) look();
  };
  return {
    came() {
      hit = true;
    },
    stay() {
      idleSince = now();
      if (staying || lingerMs === 0 || !guess.isWorth()) return;
      staying = true;
      hit = false;
      try {
        stay();
      } finally {
        staying = false;
        guess.told(hit);
      }
    },
  };
};

export interface Poll {
  /** To be called when something was sent that is answered. */
  readonly sent: () => void;
  /** To be called when an answer has come. */
  readonly came: () => void;
}

/**
 * For a thread that has other things to do: looks at each turn of the event loop, which does not
 * sleep meanwhile. `later` is setImmediate.
 */
export const createPoll = (
  { look, now, lingerMs }: Omit<LingerOptions, 'lingerMsMax'>,
  later: (turn: () => void) => void,
): Poll => {
  const guess = createGuess();
  let sentAt = -Infinity;
  let polls = false;
  const turn = (): void => {
    look();
    if (now() - sentAt < lingerMs) later(turn);
    else {
      polls = false;
      if (sentAt !== -Infinity) guess.told(false);
    }
  };
  return {
    sent() {
      sentAt = now();
      if (polls || lingerMs === 0 || !guess.isWorth()) return;
      polls = true;
      later(turn);
    },
    came() {
      sentAt = -Infinity;
      if (polls) guess.told(true);
    },
  };
};
