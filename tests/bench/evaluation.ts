// Times evaluations in one process: fresh sandboxes, live ones, and scripts. Contenders take turns
// in every round, so that a busy machine is busy for all of them.

import { performance } from 'node:perf_hooks';
import { summarise, type Summary } from './statistics.ts';
import type { BenchScript } from './scripts.ts';
import type { Contender, Sandbox } from './contenders/index.ts';

/** Summaries by contender's name. */
export type Row = Readonly<Record<string, Summary>>;

type Turn = (contender: Contender, keep: (ms: number) => void) => Promise<void>;

const takeTurns = async (
  contenders: readonly Contender[],
  rounds: number,
  turn: Turn,
): Promise<Row> => {
  const times = new Map(contenders.map((contender) => [contender, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [contender, list] of times) await turn(contender, (ms) => list.push(ms));
  }
  return Object.fromEntries([...times].map(([{ name }, list]) => [name, summarise(list)]));
};

const expectTwo = (value: unknown): void => {
  if (value !== 2) throw new Error(`1+1 is ${String(value)}`);
};

/** A sandbox made for one `1+1` and thrown away. */
export const measureOnce = (contenders: readonly Contender[], rounds: number): Promise<Row> =>
  takeTurns(contenders, rounds, async ({ evaluateOnce, open }, keep) => {
    const begin = performance.now();
    if (evaluateOnce) expectTwo(await evaluateOnce('1+1'));
    else {
      const sandbox = await open();
      expectTwo(await sandbox.evaluate('1+1'));
      sandbox.dispose();
    }
    keep(performance.now() - begin);
  });

/** A new sandbox that is kept, and its first `1+1`; taking it down is not counted. */
export const measureFresh = (contenders: readonly Contender[], rounds: number): Promise<Row> =>
  takeTurns(contenders, rounds, async (contender, keep) => {
    const begin = performance.now();
    const sandbox = await contender.open();
    expectTwo(await sandbox.evaluate('1+1'));
    keep(performance.now() - begin);
    sandbox.dispose();
  });

/** `1+1` in a sandbox that has evaluated before. */
export const measureLive = async (
  contenders: readonly Contender[],
  rounds: number,
): Promise<Row> => {
  const sandboxes = new Map<Contender, Sandbox>();
  for (const contender of contenders) sandboxes.set(contender, await contender.open());
  const row = await takeTurns(contenders, rounds, async (contender, keep) => {
    const sandbox = sandboxes.get(contender) ?? (await contender.open());
    for (let i = 0; i < 20; i++) {
      const begin = performance.now();
      expectTwo(await sandbox.evaluate('1+1'));
      keep(performance.now() - begin);
    }
  });
  for (const sandbox of sandboxes.values()) sandbox.dispose();
  return row;
};

/**
 * One script in one sandbox per contender, compiled anew each time. The first run is not counted;
 * all contenders must come to the same result.
 */
export const measureScript = async (
  contenders: readonly Contender[],
  script: BenchScript,
  rounds: number,
): Promise<Row> => {
  const sandboxes = new Map<Contender, Sandbox>();
  const results = new Set<string>();
  for (const contender of contenders) {
    const sandbox = await contender.open();
    sandboxes.set(contender, sandbox);
    results.add(String(await sandbox.evaluate(script.source)));
  }
  if (results.size !== 1) {
    throw new Error(`${script.name}: the contenders differ: ${[...results].join(', ')}`);
  }
  const row = await takeTurns(contenders, rounds, async (contender, keep) => {
    const begin = performance.now();
    await sandboxes.get(contender)?.evaluate(script.source);
    keep(performance.now() - begin);
  });
  for (const sandbox of sandboxes.values()) sandbox.dispose();
  return row;
};
