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
 * To linger is worth it if the last message came in so short a time. Where threads outnumber CPUs
 * it does not, for then the other side has to wait for a CPU that who lingers would hold.
 */
const isWorth = (pauseMs: number, lingerMs: number): boolean => pauseMs < lingerMs;

export interface Linger {
  /** To be called when a message has come. */
  readonly came: () => void;
  /** To be called when it has been dealt with: looks for others. */
  readonly stay: () => void;
}

/** For a thread that has nothing else to do. */
export const createLinger = ({ look, now, lingerMs, lingerMsMax }: LingerOptions): Linger => {
  let idleSince = -Infinity;
  let pauseMs = Infinity;
  let staying = false;
  return {
    came() {
      pauseMs = now() - idleSince;
    },
    stay() {
      idleSince = now();
      if (staying || !isWorth(pauseMs, lingerMs)) return;
      staying = true;
      try {
        const end = idleSince + lingerMsMax;
        for (let at = idleSince; at - idleSince < lingerMs && at < end; at = now()) look();
      } finally {
        staying = false;
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
  let sentAt = -Infinity;
  let tripMs = Infinity;
  let polls = false;
  const turn = (): void => {
    look();
    if (now() - sentAt < lingerMs) later(turn);
    else polls = false;
  };
  return {
    sent() {
      sentAt = now();
      if (polls || !isWorth(tripMs, lingerMs)) return;
      polls = true;
      later(turn);
    },
    came() {
      // More than one message may come for one that was sent.
      if (sentAt !== -Infinity) tripMs = now() - sentAt;
      sentAt = -Infinity;
    },
  };
};
