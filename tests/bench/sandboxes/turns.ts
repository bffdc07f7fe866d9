// Closed loops that take turns: each contestant makes calls one after another for a block of time,
// then the next one does. So a busy machine is busy for all, and no one's caches are cold.

import { timesFigure, type Figure } from './figure.ts';
import type { Contender, Sandbox } from '../contenders/contender.ts';

/** One way to do what a section measures. */
export interface Contestant {
  readonly name: string;
  readonly note: string;
  readonly reference?: boolean;
  /** One timed call. */
  readonly call: () => unknown;
  /** Taking down after a call: not timed. */
  readonly after?: () => unknown;
  /** Forgets what warm-up has told. */
  readonly warm?: () => void;
  readonly usage?: () => Readonly<Record<string, number>>;
}

export interface Turns {
  /** Blocks of each contestant; the first one warms up and is not counted. */
  readonly rounds: number;
  readonly blockMs: number;
}

export const fullTurns: Turns = { rounds: 9, blockMs: 500 };
export const quickTurns: Turns = { rounds: 3, blockMs: 120 };

const playBlock = async (contestant: Contestant, blockMs: number): Promise<number[]> => {
  const { call, after } = contestant;
  const times: number[] = [];
  const end = performance.now() + blockMs;
  while (performance.now() < end) {
    const begin = performance.now();
    const pending = call();
    // A peer that answers at once is not made to wait for a microtask.
    if (pending instanceof Promise) await pending;
    times.push(performance.now() - begin);
    const taken = after?.();
    if (taken instanceof Promise) await taken;
  }
  return times;
};

export const playTurns = async (
  section: string,
  contestants: readonly Contestant[],
  { rounds, blockMs }: Turns,
): Promise<Figure[]> => {
  const times = new Map<Contestant, number[]>(contestants.map((each) => [each, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [contestant, list] of times) {
      const block = await playBlock(contestant, blockMs);
      if (round === 0) contestant.warm?.();
      else for (const time of block) list.push(time);
    }
  }
  return [...times].map(([{ name, note, reference = false, usage }, list]) =>
    timesFigure({ section, name, note, reference, ...(usage ? { usage: usage() } : {}) }, list),
  );
};

export const expectValue = (value: unknown, expected: unknown): void => {
  if (value !== expected) throw new Error(`${String(value)} instead of ${String(expected)}`);
};

/** A peer that makes a sandbox for each call and evaluates in it. */
export const openEachTime = (
  contender: Contender,
  scriptsOf: () => readonly string[],
  expected: unknown,
): Contestant => {
  let open: Sandbox | undefined;
  return {
    name: contender.name,
    note: `${contender.version}: ${contender.note}`,
    call: async () => {
      open = await contender.open();
      let value: unknown;
      for (const script of scriptsOf()) value = await open.evaluate(script);
      expectValue(value, expected);
    },
    after: () => {
      open?.dispose();
    },
  };
};
