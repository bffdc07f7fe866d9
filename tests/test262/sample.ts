// A random part of the suite that is the same whenever the seed is.

import { createHash } from 'node:crypto';

/** `count` of `paths`, in the order of `paths`; all of them when there are no more. */
export const sampleOf = (
  paths: readonly string[],
  count: number,
  seed: number,
): readonly string[] => {
  const rank = (path: string): string =>
    createHash('sha256').update(`${seed} ${path}`).digest('hex');
  const drawn = paths
    .map((path) => ({ path, rank: rank(path) }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, count);
  return drawn.map(({ path }) => path).toSorted();
};
