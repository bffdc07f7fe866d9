// V8's collector, which the store asks for. Its flag comes late and not with the thread: V8 takes
// what Node keeps compiled of itself only while the flags are what they were then.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A context that is made now has the collector, older ones have not. */
const findCollector = (): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
};

/** Collects the garbage of the thread that calls; what that takes is prepared by the first call. */
export const createCollector = (): (() => void) => {
  let collect: (() => void) | undefined;
  return () => {
    collect ??= findCollector();
    collect();
  };
};
