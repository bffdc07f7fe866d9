// What the benchmark asks of every sandbox it compares.

/** One isolated sandbox that can evaluate again and again. */
export interface Sandbox {
  /** Evaluates a script and gives its completion value. Synchronous where the contender is. */
  readonly evaluate: (script: string) => unknown;
  readonly dispose: () => void;
}

/** One way to run other people's JavaScript from Node. */
export interface Contender {
  readonly name: string;
  readonly version: string;
  /** What a reader of the figures has to know. */
  readonly note: string;
  /** A sandbox with nothing in it, under a memory and a time limit where there are such limits. */
  readonly open: () => Sandbox | Promise<Sandbox>;
  /** Evaluates in a sandbox that is made for it and thrown away, where that is a way of its own. */
  readonly evaluateOnce?: (script: string) => Promise<unknown>;
  readonly close: () => void | Promise<void>;
}

/** Limits that every contender gets which has any. */
export const contenderLimits = { memoryBytes: 64 * 1024 * 1024, timeMs: 10_000 };
