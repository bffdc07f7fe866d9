// What the sandbox benchmark's figures stand on: the same load in every run, latency from when a
// call was due, ratios the right way round.

import test from 'ava';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { introductions, mixedCalls, poissonArrivals, population } from './arrivals.ts';
import { openClient } from './client.ts';
import { timesFigure } from './figure.ts';
import { costsOf, idealLatencies } from './ideal.ts';
import { plotLoad } from './plot.ts';
import { formatFigures } from './report.ts';
import { bigInitCall, bigInitScript } from './workload.ts';
import { createEngine } from '../../../runtime/index.ts';

test('arrivals and calls are the same from the same seed, and others from another', (t) => {
  const calls = (seed: number) => {
    const next = mixedCalls(seed);
    return Array.from({ length: 50 }, () => next().body);
  };
  t.deepEqual(poissonArrivals(100, 2, 5), poissonArrivals(100, 2, 5));
  t.notDeepEqual(poissonArrivals(100, 2, 5), poissonArrivals(100, 2, 6));
  t.deepEqual(calls(5), calls(5));
  t.notDeepEqual(calls(5), calls(6));
});

test('arrivals are Poisson: their rate, and gaps as spread as they are long', (t) => {
  const offsets = poissonArrivals(500, 60, 1);
  t.true(Math.abs(offsets.length / 30_000 - 1) < 0.02);
  const gaps = Array.from(offsets).map((offset, index) => offset - (offsets[index - 1] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  t.true(Math.abs(Math.sqrt(variance) / mean - 1) < 0.05);
});

test('the mix has the shares that the documentation tells', (t) => {
  const next = mixedCalls(3);
  const calls = Array.from({ length: 20_000 }, next);
  const share = (kind: string) => calls.filter((call) => call.kind === kind).length / calls.length;
  const shares = { live: 0.6, dormant: 0.25, new: 0.1, heavy: 0.05 };
  for (const [kind, wanted] of Object.entries(shares)) {
    t.true(Math.abs(share(kind) - wanted) < 0.01, kind);
  }
  const bodies = calls.filter(({ kind }) => kind === 'new').map(({ body }) => body);
  t.is(new Set(bodies).size, bodies.length);
  t.is(introductions().length, population.live + population.dormant);
});

test('an init_script of 50 kB is another one with another serial, and works', async (t) => {
  t.is(Math.round(bigInitScript(1).length / 1000), 50);
  t.not(bigInitScript(1), bigInitScript(2));
  await using engine = await createEngine({ workers: 1 });
  const outcome = await engine.evaluate({ init_script: bigInitScript(1), script: bigInitCall });
  t.is(outcome.status === 'OK' && outcome.result_json, 'true');
});

test('an open loop goes on while the server stalls, and charges the wait to all', async (t) => {
  const waiting: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    waiting.push(response);
    // Nobody is answered before the last has come, though each was due long before.
    if (waiting.length === 5) for (const each of waiting) each.end('{"status":"OK"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = await openClient(`http://127.0.0.1:${port}`);
  const offsets = Float64Array.from([0, 50, 100, 150, 200]);
  const samples = await client.openLoop(offsets, () => ({ kind: 'any', body: '{}' }));
  t.is(samples.length, 5);
  // Nobody can have been answered before the last was due.
  for (const [index, { ms }] of samples.entries()) t.true(ms >= 200 - (offsets[index] ?? 0));
  await client.close();
  server.close();
});

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

test('the ideal queue is what theory says of one core and exponential costs', (t) => {
  const steps = 1_000;
  const exponential = Array.from({ length: steps }, (_, i) => -Math.log(1 - (i + 0.5) / steps));
  const costs = costsOf(exponential, { capacity: 1_000, cores: 1 });
  t.true(Math.abs(meanOf(costs) - 1) < 1e-9, 'a call costs a thousandth of a second');
  for (const load of [0.3, 0.7]) {
    const times = idealLatencies(poissonArrivals(1_000 * load, 600, 3), costs, 1);
    t.true(Math.abs(meanOf(times) * (1 - load) - 1) < 0.05, `${meanOf(times)} ms at ${load}`);
  }
});

test('with more cores the ideal queue waits for the first that is free', (t) => {
  t.deepEqual(idealLatencies(Float64Array.from([0, 0, 0, 10]), [2], 2), [2, 2, 4, 2]);
});

test('ratios divide by Paddock, and a sandbox that forgets is told', (t) => {
  const about = { section: 'a', note: '', reference: false };
  const table = formatFigures([
    timesFigure({ ...about, name: 'Paddock', reference: true, usage: { kept: 0.5 } }, [2]),
    timesFigure({ ...about, name: 'peer' }, [6]),
  ]);
  t.regex(table, /Paddock \(STATE LOST\) .* 1\.00x/);
  t.regex(table, /peer .* 3\.00x +3\.00x +1/);
});

test('the plot has a line for each percentile, within its frame', (t) => {
  const step = {
    ...{ offeredPerSecond: 1, answeredPerSecond: 1, lagP99: 0, refused: 0, cpus: 1 },
    ideal: { p50: 0, p99: 0 },
    ...{ found: {}, kinds: {} },
  };
  const steps = [
    { ...step, share: 0.1, p50: 0.2, p90: 0.5, p99: 2 },
    { ...step, share: 0.7, p50: 1, p90: 10, p99: 700 },
  ];
  const svg = plotLoad({ capacity: 1000, capacityAfter: 1000, steps, figures: [] }, 'a <machine>');
  t.regex(svg, /a &lt;machine>/);
  const lines = [...svg.matchAll(/<polyline class="line p\d\d" points="([^"]+)"/g)];
  t.is(lines.length, 3);
  for (const [, points = ''] of lines) {
    for (const point of points.split(' ')) {
      const [x = Number.NaN, y = Number.NaN] = point.split(',').map(Number);
      t.true(x >= 72 && x <= 632 && y >= 64 && y <= 384, point);
    }
  }
});
