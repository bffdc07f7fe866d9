// npm run bench:soak [-- --calls N]: resident memory over a million calls of every kind: new, live
// and dormant sandboxes, one-shots, stopped calls, ended sandboxes. A leak shows as a slope.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createEngine } from '../../runtime/index.ts';

const { values } = parseArgs({ options: { calls: { type: 'string', default: '1000000' } } });
const calls = Number(values.calls);
const steps = 10;
/** So few that each has done all that wears it down long before the end, so many that most rest. */
const ids = 240;
const inFlight = 8;

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

const residentMiB = (): string => {
  const status = readFileSync('/proc/self/status', 'utf8');
  return mebibytes(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024);
};

/** What of it the main thread's heap holds, and what is in buffers beside that. */
const heapMiB = (): string => {
  const { heapUsed, external } = process.memoryUsage();
  return `heap ${mebibytes(heapUsed)}, external ${mebibytes(external)} MiB`;
};

const init_script = 'let n = 0; const list = [];';

await using engine = await createEngine({ workers: 2 });

const call = async (index: number): Promise<void> => {
  const sandbox_id = `s${(index * 7919) % ids}`;
  const kind = index % 20;
  if (kind === 0) engine.forget(sandbox_id);
  else if (kind < 4) await engine.evaluate({ script: '1 + 1' });
  else if (kind === 4) {
    const limits = { fuel: 2_000_000 };
    await engine.evaluate({ sandbox_id, init_script, script: 'for (;;) list.push(n++)', limits });
  } else if (kind < 8) {
    await engine.evaluate({ sandbox_id: 'live', init_script, script: '++n' });
  } else await engine.evaluate({ sandbox_id, init_script, script: 'list[n % 50] = { n }; ++n' });
};

let next = 0;
const run = async (until: number): Promise<void> => {
  while (next < until) {
    next += 1;
    await call(next);
  }
};

const begun = performance.now();
for (let step = 1; step <= steps; step++) {
  const until = (calls * step) / steps;
  await Promise.all(Array.from({ length: inFlight }, () => run(until)));
  const { sandboxes, bytes } = engine.kept();
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  const kept = `${sandboxes} sandboxes in ${mebibytes(bytes)} MiB`;
  console.log(`${next} calls, ${seconds} s: ${residentMiB()} MiB resident, ${heapMiB()}, ${kept}`);
}
