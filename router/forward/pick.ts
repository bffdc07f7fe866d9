// Which member gets a request. Pure but for the luck that it is handed.

import type { Ring } from '../members/ring.ts';

/**
 * For a sandbox: its owner, and whoever is next when that one is gone. A keyed request never goes
 * elsewhere for load, since two routers would fork one sandbox.
 */
export const keyedOrder = <M>(ring: Ring<M>, key: string): readonly M[] => ring.orderOf(key);

/**
 * For a request without a sandbox: the less loaded of two members taken by luck, then the others.
 * Mitzenmacher: The power of two choices in randomized load balancing, IEEE TPDS 12(10), 2001.
 *
 * @param luck two numbers from 0 to 1
 */
export const freeOrder = <M>(
  members: readonly M[],
  loadOf: (member: M) => number,
  luck: readonly [number, number],
): readonly M[] => {
  const [first, second] = luck.map((each) => members[Math.floor(each * members.length)]);
  if (first === undefined || second === undefined) return [];
  const chosen = loadOf(second) < loadOf(first) ? second : first;
  return [chosen, ...members.filter((member) => member !== chosen)];
};
