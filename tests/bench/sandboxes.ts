// npm run bench:sandboxes: many sandboxes in Paddock and its peers: new, live, dormant, how large,
// under load, beside a hostile caller, beside slow calls of one's own. docs/benchmarks.md explains
// the method.
//   --quick         fewer calls
//   --only NAMES    some sections, as fresh,load
//   --json FILE     where every figure is written
//   --svg FILE      where latency against load is drawn

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installContenders } from './install.ts';
import { measureDensity } from './sandboxes/density.ts';
import { measureFreshSandboxes, measureInit } from './sandboxes/fresh.ts';
import { measureGvisor } from './sandboxes/gvisor.ts';
import { measureHostile } from './sandboxes/hostile.ts';
import { measureDormant, measureLiveSandbox } from './sandboxes/live.ts';
import { formatLoad, measureLoad, type Load } from './sandboxes/load.ts';
import { measureOwn } from './sandboxes/own.ts';
import { plotLoad } from './sandboxes/plot.ts';
import { formatFigures, formatNotes } from './sandboxes/report.ts';
import { fullTurns, quickTurns } from './sandboxes/turns.ts';
import type { Figure } from './sandboxes/figure.ts';

const results = join(import.meta.dirname, 'results');
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    gvisor: { type: 'boolean', default: false },
    json: { type: 'string', default: join(results, 'sandboxes.json') },
    svg: { type: 'string', default: join(results, 'sandboxes.svg') },
  },
});

// isolated-vm needs the first flag of the process that loads it.
const flags = ['--no-node-snapshot', '--disable-warning=ExperimentalWarning'];
if (!process.execArgv.includes('--no-node-snapshot')) {
  const args = [...flags, ...process.argv.slice(1)];
  process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);
}
installContenders();
mkdirSync(results, { recursive: true });

const { quick } = options;
const turns = quick ? quickTurns : fullTurns;
let load: Load | undefined;
const sections: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  fresh: () => measureFreshSandboxes(turns),
  init: () => measureInit(turns),
  live: () => measureLiveSandbox(turns),
  dormant: () => measureDormant(turns, quick),
  density: () => measureDensity(quick),
  load: async () => {
    load = await measureLoad(quick);
    return load.figures;
  },
  hostile: () => measureHostile(quick),
  own: () => measureOwn(quick),
  ...(options.gvisor ? { gvisor: () => measureGvisor(quick) } : {}),
};

const wanted = options.only?.split(',') ?? Object.keys(sections);
const unknown = wanted.filter((name) => !(name in sections));
if (unknown.length > 0) {
  throw new Error(`--only ${unknown.join()}: there are ${Object.keys(sections).join(', ')}`);
}
// What else the machine does: a run on a busy one is told from one on a quiet one.
const busyBefore = loadavg()[0] ?? Number.NaN;
const figures: Figure[] = [];
const failures: string[] = [];
for (const name of wanted) {
  process.stderr.write(`${name} …\n`);
  try {
    figures.push(...((await sections[name]?.()) ?? []));
  } catch (error) {
    // The minutes that the other sections took are not lost with this one.
    failures.push(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? 'unknown', busyBefore };
const { node, v8 } = process.versions;
const about = `Node ${node}, V8 ${v8}; ${machine.cpus} CPUs, ${machine.model}`;
const texts = [
  `${about}; load average before ${busyBefore.toFixed(2)}${quick ? '; quick' : ''}`,
  formatFigures(figures),
  ...(load ? [formatLoad(load)] : []),
  formatNotes(figures),
  ...failures,
];
process.stdout.write(`${texts.join('\n\n')}\n`);
const report = { node, v8, machine, quick, figures, load, failures };
writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
if (load) writeFileSync(options.svg, plotLoad(load, about));
// Peers that were not closed keep the process alive.
process.exit();
