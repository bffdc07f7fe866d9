// How many calls run, and how many of them are not slow: slow ones read it and give way. Calls that
// wait do not count: who waits cannot start before another ends, whoever gives way.

import { traffic } from './protocol.ts';

/** `cores`: how many calls run beside one another without slowing each other down. */
export const createTraffic = (cores: number) => {
  const words = new SharedArrayBuffer(traffic.bytes);
  const counts = new Int32Array(words);
  counts[traffic.cores] = cores;
  let told = true;
  const fewer = (): void => {
    if (Atomics.sub(counts, traffic.urgent, 1) === 1) told = false;
  };
  return {
    words,
    /** @param urgent it is not slow */
    begin(urgent: boolean) {
      Atomics.add(counts, traffic.begun, 1);
      Atomics.add(counts, traffic.running, 1);
      if (urgent) Atomics.add(counts, traffic.urgent, 1);
    },
    /** One of them has become slow. */
    slow: fewer,
    /** @param urgent it was not slow */
    leave(urgent: boolean) {
      Atomics.sub(counts, traffic.running, 1);
      if (urgent) fewer();
    },
    /**
     * To be called when all has begun that can begin: wakes who gives way, if nothing is left that
     * is not slow. Not before, or he would run beside the next one that begins.
     */
    settle: (): void => {
      if (told || Atomics.load(counts, traffic.urgent) > 0) return;
      told = true;
      Atomics.notify(counts, traffic.urgent);
    },
  };
};

/** Whether a slow call is to give way, and if so the count to wait for a change of; else 0. */
export const urgentBeside = (counts: Int32Array): number => {
  const crowded = Atomics.load(counts, traffic.running) > Atomics.load(counts, traffic.cores);
  return crowded ? Atomics.load(counts, traffic.urgent) : 0;
};

/** Whether calls take all cores. */
export const fullOf = (counts: Int32Array): boolean =>
  Atomics.load(counts, traffic.running) >= Atomics.load(counts, traffic.cores);
