// What a load on a pool is told, and what it tells.

export interface LoadPlan {
  /** Of the pool, by address: the load is outside of the cluster's names. */
  readonly url: string;
  readonly token: string;
  /** Sandboxes that are called, each by itself. */
  readonly sandboxes: number;
  /** Callers that want a new sandbox each time. */
  readonly loose: number;
  /** Calls for a new sandbox that begin by the clock, whether or not those before have ended. */
  readonly perSecond?: number;
  /** From an answer to the next call of the same sandbox. */
  readonly everyMs: number;
}

export interface Report {
  readonly sent: number;
  /** How many calls ended how: `200`, `502 OUTCOME_UNKNOWN`, `error ECONNRESET`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Counters that went back, or further than calls were made: something was evaluated twice. */
  readonly skips: readonly string[];
  /** How often a sandbox began anew, the first time included. */
  readonly lives: number;
  /** The last call that failed. */
  readonly last: string;
}
