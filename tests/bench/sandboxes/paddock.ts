// Paddock as the sections ask it: the library with one worker thread or none, its usage kept.

import { createEngine, type Evaluation } from '../../../runtime/index.ts';
import { contenderLimits } from '../contenders/contender.ts';
import { median } from '../statistics.ts';
import { expectValue } from './turns.ts';

export interface AskedPaddock {
  /** Evaluates, and throws unless the result is the expected one. */
  readonly ask: (evaluation: Evaluation, expected: unknown) => Promise<void>;
  /** Evaluates and gives the result. */
  readonly value: (evaluation: Evaluation) => Promise<unknown>;
  /** Ends a sandbox. */
  readonly forget: (id: string) => void;
  readonly usage: () => Readonly<Record<string, number>>;
  readonly forgetUsage: () => void;
  readonly close: () => Promise<void>;
}

/** Fields of `usage` that are times; an engine that lacks them is measured all the same. */
const timed = ['queue_us', 'restore_us', 'run_us'];

/** Medians of times and shares of what sandboxes were, of as many answers as were collected. */
export class UsageLog {
  #times = new Map<string, number[]>();
  #found = new Map<string, number>();
  #answers = 0;

  add(usage: object): void {
    this.#answers++;
    for (const [field, value] of Object.entries(usage)) {
      if (typeof value === 'number' && timed.includes(field)) {
        const list = this.#times.get(field) ?? [];
        list.push(value);
        this.#times.set(field, list);
      }
      if (field === 'sandbox') {
        this.#found.set(String(value), (this.#found.get(String(value)) ?? 0) + 1);
      }
    }
  }

  clear(): void {
    this.#times.clear();
    this.#found.clear();
    this.#answers = 0;
  }

  summary(): Readonly<Record<string, number>> {
    const times = [...this.#times].map(([field, list]) => [field, median(list)] as const);
    const found = [...this.#found].map(([what, count]) => [what, count / this.#answers] as const);
    return Object.fromEntries([...times, ...found]);
  }
}

/** Where Paddock's calls run, and what a line of the table says of that. */
export interface Place {
  readonly name: string;
  readonly workers: 0 | 1;
  readonly note: string;
}

/** As the peers run. */
export const inCaller: Place = {
  name: 'Paddock',
  workers: 0,
  note: "in the caller's thread, as the peers are",
};

/** As Paddock runs unless told otherwise. */
export const inWorker: Place = {
  name: 'Paddock, worker thread',
  workers: 1,
  note: 'its round trip to a worker thread included',
};

export const openAskedPaddock = async ({ workers }: Place): Promise<AskedPaddock> => {
  const engine = await createEngine({
    workers,
    limits: { memoryBytesMax: contenderLimits.memoryBytes },
  });
  const log = new UsageLog();
  const value = async (evaluation: Evaluation): Promise<unknown> => {
    const outcome = await engine.evaluate(evaluation, 'bench');
    if (outcome.status !== 'OK') throw new Error(`${outcome.status}: ${outcome.message}`);
    log.add(outcome.usage);
    return JSON.parse(outcome.result_json);
  };
  return {
    value,
    ask: async (evaluation, expected) => {
      expectValue(await value(evaluation), expected);
    },
    forget: (id) => {
      engine.forget(id, 'bench');
    },
    usage: () => log.summary(),
    forgetUsage: () => {
      log.clear();
    },
    close: () => engine.close(),
  };
};
