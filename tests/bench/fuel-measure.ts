// One process of bench:fuel: times every script on the metered and the unmetered build in turn,
// then the hostile scripts on the metered one, and prints the figures as JSON. V8's flags are the
// parent's choice.

import { parseArgs } from 'node:util';
import { openInterpreter, type Interpreter, type Timed } from './interpreter.ts';
import { programs, smallScripts, type BenchScript } from './scripts.ts';
import { readHostileCorpus } from '../fixtures/hostile-corpus.ts';

export interface ScriptFigures {
  readonly name: string;
  readonly meteredMs: number;
  /** NaN as null when there is no unmetered build. */
  readonly unmeteredMs: number | null;
  readonly fuel: number;
}

export interface HostileFigures {
  readonly name: string;
  readonly limit: number;
  /** Fuel charged beyond the limit by the charge that crossed it. */
  readonly fuelPast: number;
  readonly ms: number;
  /** Milliseconds from the refusal of more fuel until the host had control again. */
  readonly msAfterRefusal: number;
}

export interface Figures {
  readonly scripts: readonly ScriptFigures[];
  readonly hostile: readonly HostileFigures[];
}

const { values: options } = parseArgs({
  options: {
    metered: { type: 'string', default: '' },
    unmetered: { type: 'string' },
    rounds: { type: 'string', default: '12' },
    warm: { type: 'string', default: '3' },
  },
});

const run = (interpreter: Interpreter, { name, source }: BenchScript): Timed => {
  const timed = interpreter.evaluate(source);
  if (!timed.ok) throw new Error(`${name} did not run to its end`);
  return timed;
};

const best = (a: number | undefined, b: number): number => Math.min(a ?? Infinity, b);

const measureScripts = (
  metered: Interpreter,
  unmetered: Interpreter | undefined,
): ScriptFigures[] => {
  const all = [...smallScripts(), ...programs()];
  const meteredMs = new Map<string, number>();
  const unmeteredMs = new Map<string, number>();
  const fuel = new Map<string, number>();
  const warm = Number(options.warm);
  for (let round = 0; round < warm + Number(options.rounds); round++) {
    for (const script of all) {
      const { name } = script;
      // Who goes first changes with the round: the second may find caches warm.
      const turns = unmetered ? [metered, unmetered] : [metered];
      for (const interpreter of round % 2 ? turns.toReversed() : turns) {
        const timed = run(interpreter, script);
        if (round < warm) continue;
        const times = interpreter === metered ? meteredMs : unmeteredMs;
        times.set(name, best(times.get(name), timed.ms));
        if (interpreter !== metered) continue;
        if ((fuel.get(name) ?? timed.fuel) !== timed.fuel) throw new Error(`${name}: fuel differs`);
        fuel.set(name, timed.fuel);
      }
    }
  }
  return all.map(({ name }) => ({
    name,
    meteredMs: meteredMs.get(name) ?? Number.NaN,
    unmeteredMs: unmeteredMs.get(name) ?? null,
    fuel: fuel.get(name) ?? 0,
  }));
};

/** Figures of running out of `grant`; undefined when a finite script comes to its end on it. */
const exhaust = (metered: Interpreter, name: string, script: string, grant: number) => {
  const runs = [1, 2, 3].map(() => metered.evaluate(script, grant));
  if (runs.some(({ msAfterRefusal }) => Number.isNaN(msAfterRefusal))) return undefined;
  return {
    name,
    limit: grant,
    fuelPast: Math.max(...runs.map(({ fuel }) => fuel - grant)),
    ms: Math.min(...runs.map(({ ms }) => ms)),
    msAfterRefusal: Math.max(...runs.map(({ msAfterRefusal }) => msAfterRefusal)),
  };
};

/** How much more than a fixture's own limit is granted: what costs once (paging, tier-up) fades. */
const hostileGrantFactor = 10;

const measureHostile = (metered: Interpreter): HostileFigures[] =>
  readHostileCorpus()
    .filter(
      ({ name, expected, request }) =>
        name.startsWith('fuel/') &&
        request.init_script === undefined &&
        request.limits?.fuel !== undefined &&
        expected.every(({ status }) => status === 'OUT_OF_FUEL'),
    )
    .flatMap(({ name, script, request }) => {
      const limit = request.limits?.fuel ?? 0;
      const figures =
        exhaust(metered, name, script, limit * hostileGrantFactor) ??
        exhaust(metered, name, script, limit);
      // A script that ended otherwise is the corpus's business, not a figure of this table.
      return figures ? [figures] : [];
    });

const metered = await openInterpreter(options.metered);
const unmetered =
  options.unmetered === undefined ? undefined : await openInterpreter(options.unmetered);
const scripts = measureScripts(metered, unmetered);
const figures: Figures = { scripts, hostile: measureHostile(metered) };
process.stdout.write(JSON.stringify(figures));
