// The same interpreter as a native binary (`cargo build --release` in interpreter/boa), for
// comparison: the time of a whole process less that of a process that evaluates `0`.

import { execFileSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { BenchScript } from './scripts.ts';

const time = (binary: string, source: string): number => {
  const begin = performance.now();
  execFileSync(binary, ['--script', source], { stdio: ['ignore', 'ignore', 'inherit'] });
  return performance.now() - begin;
};

/** Milliseconds by script, minima. */
export const measureNative = (
  binary: string,
  scripts: readonly BenchScript[],
  rounds: number,
): ReadonlyMap<string, number> => {
  const turns = Array.from({ length: rounds }, () => ({
    empty: time(binary, '0'),
    scripts: scripts.map(({ source }) => time(binary, source)),
  }));
  const empty = Math.min(...turns.map((turn) => turn.empty));
  return new Map(
    scripts.map(({ name }, i) => [
      name,
      Math.min(...turns.map((turn) => turn.scripts[i] ?? Number.NaN)) - empty,
    ]),
  );
};
