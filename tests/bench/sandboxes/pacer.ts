// A thread that says when requests are due: timers of an event loop are too coarse, and late when
// the loop is busy.

import { parentPort } from 'node:worker_threads';
import { clockMs } from './clock.ts';

export interface Pace {
  /** When the first is due, by `clockMs`. */
  readonly startMs: number;
  /** Milliseconds after that, ascending. */
  readonly offsets: Float64Array;
}

const never = new Int32Array(new SharedArrayBuffer(4));

parentPort?.on('message', ({ startMs, offsets }: Pace) => {
  let due = 0;
  while (due < offsets.length) {
    const waitMs = startMs + (offsets[due] ?? 0) - clockMs();
    if (waitMs > 0) Atomics.wait(never, 0, 0, waitMs);
    const now = clockMs() - startMs;
    while (due < offsets.length && (offsets[due] ?? 0) <= now) due++;
    parentPort?.postMessage(due);
  }
});
