// The least that a step of the open loop can take on so many cores: a queue that wastes nothing, in
// which calls are served in order of arrival and nobody waits for anything but a core. Pure.

import { randomFrom } from './workload.ts';

/**
 * What calls cost, in milliseconds of a core: spread as they took where there was hardly any load,
 * and on average what the closed loop says that they cost.
 */
export const costsOf = (
  unloadedMs: readonly number[],
  { capacity, cores }: { readonly capacity: number; readonly cores: number },
): readonly number[] => {
  const mean = unloadedMs.reduce((sum, ms) => sum + ms, 0) / unloadedMs.length;
  const scale = (1000 * cores) / capacity / mean;
  return unloadedMs.map((ms) => ms * scale);
};

/** Latencies of calls that arrive at these offsets, each at a cost drawn from those given. */
export const idealLatencies = (
  offsets: Float64Array,
  costs: readonly number[],
  cores: number,
): readonly number[] => {
  const random = randomFrom(offsets.length);
  const freeAt = new Float64Array(cores);
  return Array.from(offsets, (at) => {
    const first = freeAt.indexOf(Math.min(...freeAt));
    const end =
      Math.max(freeAt[first] ?? 0, at) + (costs[Math.floor(random() * costs.length)] ?? 0);
    freeAt[first] = end;
    return end - at;
  });
};
