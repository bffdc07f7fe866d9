// What a slow call does at each quantum: it lets the others have the CPU. Where more run than there
// are cores it sleeps until none of them is left that is not slow, or its turn has come. Where as
// many run as there are cores, none is left for the threads that take requests in and answer them:
// while calls keep coming it leaves its core for a moment, and who waits for one does not wait for
// the end of the kernel's time slice.

import { poolLimits } from '../../contract/limits.ts';
import { traffic } from './protocol.ts';
import { fullOf, urgentBeside } from './traffic.ts';

export interface GiveWayOptions {
  /** The words of the traffic. */
  readonly counts: Int32Array;
  readonly now: () => number;
  /** Sleeps while `counts[word]` is `value`, for so long at most. */
  readonly sleep: (word: number, value: number, ms: number) => void;
}

/** To be called at each quantum of a slow call. */
export const createGiveWay = ({ counts, now, sleep }: GiveWayOptions): (() => void) => {
  let begun = Atomics.load(counts, traffic.begun);
  let comingUntil = -Infinity;
  const isBusy = (): boolean => {
    const before = begun;
    begun = Atomics.load(counts, traffic.begun);
    if (begun !== before) comingUntil = now() + poolLimits.comingMs;
    return comingUntil > now() && fullOf(counts);
  };
  /** Others may end and begin meanwhile. */
  const waitForUrgent = (): boolean => {
    const end = now() + poolLimits.yieldMs;
    let waited = false;
    for (;;) {
      const [urgent, left] = [urgentBeside(counts), end - now()];
      if (urgent === 0 || left <= 0) return waited;
      sleep(traffic.urgent, urgent, left);
      waited = true;
    }
  };
  return () => {
    // The number of cores never changes, so nobody wakes it.
    if (!waitForUrgent() && isBusy())
      sleep(traffic.cores, Atomics.load(counts, traffic.cores), poolLimits.breathMs);
  };
};
