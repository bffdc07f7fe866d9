// When requests of an open loop are due, and what they are. Pure: the same from the same seed.

import { randomFrom, visitScript } from './workload.ts';

/** Poisson arrivals: milliseconds from the start, ascending. */
export const poissonArrivals = (perSecond: number, seconds: number, seed: number): Float64Array => {
  const random = randomFrom(seed);
  const offsets: number[] = [];
  for (;;) {
    const before = offsets.at(-1) ?? 0;
    const offset = before - (Math.log(1 - random()) / perSecond) * 1000;
    if (offset > seconds * 1000) return Float64Array.from(offsets);
    offsets.push(offset);
  }
};

export type Kind = 'live' | 'dormant' | 'new' | 'heavy';

export interface Call {
  readonly kind: string;
  readonly body: string;
  /** The caller's API key. */
  readonly key?: string;
}

/** A few dozen sandboxes are called all the time, the others now and then. */
export const population = { live: 32, dormant: 2_000 } as const;

const initScript = `
var greeting = 'hello';
function total(items) { return items.reduce((sum, { price, count }) => sum + price * count, 0); }
var items = [{ price: 3, count: 2 }, { price: 5, count: 1 }];
`;
const lightScript = `${visitScript}; total(items) + visits`;

/** Some milliseconds each. */
const heavyScripts = [
  'function fib(n) { return n <= 1 ? 1 : fib(n - 1) + fib(n - 2); } fib(16)',
  'var s = 1; var a = Array.from({ length: 800 }, () => (s = s * 16807 % 2147483647)); ' +
    'a.sort((x, y) => x - y)[0] < a[799]',
  'var text = JSON.stringify(Array.from({ length: 150 }, (_, id) => ({ id, name: "n" + id }))); ' +
    'JSON.parse(text).filter(({ id }) => id % 2).length',
];

const bodyOf = (sandbox_id: string | null, script: string): string =>
  JSON.stringify({ sandbox_id, init_script: sandbox_id === null ? '' : initScript, script });

/** What each kind of call asks; `chosen` picks one of its kind. */
const callOf = (kind: Kind, chosen: number, newId: () => string): Call => {
  const index = (count: number) => Math.floor(chosen * count);
  if (kind === 'live') return { kind, body: bodyOf(`live ${index(population.live)}`, lightScript) };
  if (kind === 'dormant') {
    return { kind, body: bodyOf(`dormant ${index(population.dormant)}`, lightScript) };
  }
  if (kind === 'new') return { kind, body: bodyOf(newId(), lightScript) };
  return { kind, body: bodyOf(null, heavyScripts[index(heavyScripts.length)] ?? '1') };
};

/** 60 % live ids, 25 % that recur, 10 % new, 5 % one-shots with more to do. */
const kindOf = (drawn: number): Kind => {
  if (drawn < 0.6) return 'live';
  if (drawn < 0.85) return 'dormant';
  return drawn < 0.95 ? 'new' : 'heavy';
};

/** Calls of the mixed load without end. */
export const mixedCalls = (seed: number): (() => Call) => {
  const random = randomFrom(seed);
  let made = 0;
  return () => callOf(kindOf(random()), random(), () => `new ${seed} ${++made}`);
};

/** Each sandbox of the mixed load once, so that they are there when it begins. */
export const introductions = (): readonly Call[] =>
  (['live', 'dormant'] as const).flatMap((kind) =>
    Array.from({ length: population[kind] }, (_, id) => ({
      kind,
      body: bodyOf(`${kind} ${id}`, lightScript),
    })),
  );
