// Mixed load over HTTP: what a server bears in a closed loop, then how long answers take in an open
// loop at shares of that.

import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { introductions, mixedCalls, poissonArrivals } from './arrivals.ts';
import { openClient, type Client, type Sample } from './client.ts';
import { clockMs } from './clock.ts';
import { timesFigure, type Figure } from './figure.ts';
import { costsOf, idealLatencies } from './ideal.ts';
import { cpuMs, start, stop, type Running } from '../server-process.ts';
import { percentile } from '../statistics.ts';
import { formatMs, formatTable } from '../table.ts';

export interface LoadStep {
  /** Of the capacity. */
  readonly share: number;
  readonly offeredPerSecond: number;
  readonly answeredPerSecond: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  /** What a queue that wastes nothing would have taken: see `ideal.ts`. */
  readonly ideal: { readonly p50: number; readonly p99: number };
  /** How late the generator sent, 99th percentile: within the latencies above. */
  readonly lagP99: number;
  readonly refused: number;
  /** CPUs that the server's threads kept busy. */
  readonly cpus: number;
  /** Shares of what sandboxes were when they were called, from a server that says so. */
  readonly found: Readonly<Record<string, number>>;
  /** Of each kind of call. */
  readonly kinds: Readonly<Record<string, { readonly p50: number; readonly p99: number }>>;
}

export interface Load {
  /** Calls per second in a closed loop. */
  readonly capacity: number;
  /** The same after the steps: far from the first, and the machine was not the same throughout. */
  readonly capacityAfter: number;
  readonly steps: readonly LoadStep[];
  readonly figures: readonly Figure[];
}

/** The share of the capacity at which the product promises its latencies. */
export const promisedShare = 0.7;
const allShares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, promisedShare, 0.8, 0.9, 0.95];
const fullPlan = { shares: allShares, warmSeconds: 6, capacitySeconds: 6, stepSeconds: 10 };
const quickPlan = {
  shares: [0.1, 0.4, promisedShare, 0.95],
  ...{ warmSeconds: 1.5, capacitySeconds: 1.5, stepSeconds: 2 },
};
/** Enough in flight to keep two workers and the server's thread busy, short of a queue. */
const closedLoops = 16;

export const paddockServer = (...more: readonly string[]) => ({
  name: 'paddock serve',
  args: (port: string) => ['cli/main.ts', 'serve', '--port', port, '--log-level', 'error', ...more],
  readyPath: '/readyz',
});

const stepOf = (
  share: number,
  offeredPerSecond: number,
  samples: readonly Sample[],
  took: { readonly seconds: number; readonly cpuSeconds: number },
): Omit<LoadStep, 'ideal'> => {
  const good = samples.filter(({ code }) => code === 200);
  const times = (list: readonly Sample[]) => list.map(({ ms }) => ms);
  const kinds = Object.entries(Object.groupBy(good, ({ kind }) => kind)).map(
    ([kind, list = []]) => {
      const own = times(list);
      return [kind, { p50: percentile(own, 0.5), p99: percentile(own, 0.99) }] as const;
    },
  );
  const all = times(good);
  const found = Object.entries(Object.groupBy(good, (sample) => sample.found ?? '')).flatMap(
    ([what, list = []]) => (what === '' ? [] : [[what, list.length / good.length] as const]),
  );
  return {
    ...{ share, offeredPerSecond },
    answeredPerSecond: good.length / took.seconds,
    p50: percentile(all, 0.5),
    p90: percentile(all, 0.9),
    p99: percentile(all, 0.99),
    lagP99: percentile(
      samples.map(({ lagMs }) => lagMs),
      0.99,
    ),
    refused: samples.length - good.length,
    cpus: took.cpuSeconds / took.seconds,
    found: Object.fromEntries(found),
    kinds: Object.fromEntries(kinds),
  };
};

const playStep = async (
  client: Client,
  running: Running,
  share: number,
  { perSecond, seconds, seed }: { perSecond: number; seconds: number; seed: number },
): Promise<[Omit<LoadStep, 'ideal'>, readonly Sample[], Float64Array]> => {
  const offsets = poissonArrivals(perSecond, seconds, seed);
  const next = mixedCalls(seed);
  const [begin, cpuBefore] = [clockMs(), cpuMs(running)];
  const samples = await client.openLoop(offsets, next);
  const took = {
    seconds: (clockMs() - begin) / 1000,
    cpuSeconds: (cpuMs(running) - cpuBefore) / 1000,
  };
  return [stepOf(share, offsets.length / seconds, samples, took), samples, offsets];
};

const cores = availableParallelism();

/** @param unloaded calls at the lightest load */
const costsBy = (unloaded: readonly Sample[], capacity: number): readonly number[] => {
  const good = unloaded.filter(({ code }) => code === 200).map(({ ms }) => ms);
  return costsOf(good, { capacity, cores });
};

const idealOf = (offsets: Float64Array, costs: readonly number[]): LoadStep['ideal'] => {
  const times = idealLatencies(offsets, costs, cores);
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
};

const measureCapacity = async (client: Client, seed: number, seconds: number): Promise<number> => {
  const begin = clockMs();
  const answered = await client.closedLoop(mixedCalls(seed), closedLoops, seconds);
  return answered / ((clockMs() - begin) / 1000);
};

export const measureLoad = async (quick: boolean): Promise<Load> => {
  const { shares, warmSeconds, capacitySeconds, stepSeconds } = quick ? quickPlan : fullPlan;
  const running = await start(paddockServer());
  const client = await openClient(`http://127.0.0.1:${running.port}`);
  try {
    for (const call of introductions()) await client.send(call);
    await client.closedLoop(mixedCalls(1), closedLoops, warmSeconds);
    const capacity = await measureCapacity(client, 2, capacitySeconds);
    const steps: LoadStep[] = [];
    let costs: readonly number[] | undefined;
    const figures: Figure[] = [];
    for (const [index, share] of shares.entries()) {
      const plan = { perSecond: share * capacity, seconds: stepSeconds, seed: 100 + index };
      const [played, samples, offsets] = await playStep(client, running, share, plan);
      costs ??= costsBy(samples, capacity);
      const step = { ...played, ideal: idealOf(offsets, costs) };
      steps.push(step);
      if (share === promisedShare) figures.push(promisedFigure(capacity, step, samples));
      // What a step has left to be laid by or collected is not the next one's.
      await sleep(1000);
    }
    const capacityAfter = await measureCapacity(client, 3, capacitySeconds);
    return { capacity, capacityAfter, steps, figures };
  } finally {
    await client.close();
    await stop(running);
  }
};

const promisedFigure = (
  capacity: number,
  { found }: LoadStep,
  samples: readonly Sample[],
): Figure =>
  timesFigure(
    {
      section: 'mixed load over HTTP',
      name: `Paddock at ${promisedShare * 100} % of capacity`,
      note: `open loop, Poisson arrivals; capacity ${capacity.toFixed(0)} calls a second`,
      reference: true,
      usage: found,
    },
    samples.filter(({ code }) => code === 200).map(({ ms }) => ms),
  );

/** The steps, the promised one marked. */
export const formatLoad = ({ capacity, capacityAfter, steps }: Load): string => {
  const head = ['load', 'offered/s', 'answered/s', 'p50', 'p90', 'p99', 'ideal p50', 'ideal p99'];
  const rows = steps.map((step) => [
    `${(step.share * 100).toFixed(0)} %${step.share === promisedShare ? ' <-' : ''}`,
    step.offeredPerSecond.toFixed(0),
    step.answeredPerSecond.toFixed(0),
    ...[step.p50, step.p90, step.p99, step.ideal.p50, step.ideal.p99].map(formatMs),
    formatMs(step.lagP99),
    `${step.refused}`,
    step.cpus.toFixed(2),
    ...['live', 'dormant', 'new', 'heavy'].map((kind) => formatMs(step.kinds[kind]?.p99 ?? NaN)),
  ]);
  const more = [
    'sent late p99',
    'refused',
    'CPUs',
    'live p99',
    'dormant p99',
    'new p99',
    'heavy p99',
  ];
  const title =
    `Mixed load over HTTP; capacity ${capacity.toFixed(0)} calls a second in a closed loop, ` +
    `${capacityAfter.toFixed(0)} after the steps`;
  return `${title}\n\n${formatTable([[...head, ...more], ...rows])}`;
};
