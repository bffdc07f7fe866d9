// How many calls wait or run that are not slow: slow ones read it and give way.

import { traffic } from './protocol.ts';

export const createTraffic = () => {
  const words = new SharedArrayBuffer(traffic.bytes);
  const counts = new Int32Array(words);
  return {
    words,
    add(calls: number) {
      const before = Atomics.add(counts, traffic.urgent, calls);
      // Who gives way waits for any change of the count.
      if (calls < 0 && before + calls === 0) Atomics.notify(counts, traffic.urgent);
    },
  };
};
