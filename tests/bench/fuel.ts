// npm run bench:fuel: what metering costs, and how evenly fuel stands for CPU time.
//   --unmetered FILE  the same interpreter before the meter; overhead is left out without one
//   --metered FILE    another metered build than the one that ships
//   --native FILE     the interpreter as a native binary, to compare the programs with
//   --quick           fewer rounds
//   --json FILE       writes every figure

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureNative } from './native.ts';
import { programs } from './scripts.ts';
import { geometricMean, median } from './statistics.ts';
import { formatMs, formatRatio, formatTable } from './table.ts';
import type { Figures, HostileFigures, ScriptFigures } from './fuel-measure.ts';

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const dist = '../../interpreter/dist/';
const { wasm } = JSON.parse(readFileSync(pathOf(`${dist}manifest.json`), 'utf8')) as {
  wasm: string;
};

const { values: options } = parseArgs({
  options: {
    metered: { type: 'string', default: pathOf(dist + wasm) },
    unmetered: { type: 'string', default: pathOf('../../interpreter/target/unmetered.wasm') },
    native: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const print = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

/** Measures in a process of its own. Its stack is large: deep wasm frames live on it. */
const measure = (flags: readonly string[], warm: number, rounds: number): Figures => {
  const unmetered = existsSync(options.unmetered) ? ['--unmetered', options.unmetered] : [];
  const args = ['--metered', options.metered, ...unmetered, '--warm', `${warm}`];
  const output = execFileSync(
    process.execPath,
    ['--stack-size=6000', ...flags, pathOf('fuel-measure.ts'), ...args, '--rounds', `${rounds}`],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 24 },
  );
  return JSON.parse(output) as Figures;
};

const rate = ({ fuel, meteredMs }: ScriptFigures): number => fuel / meteredMs;
const million = (perMs: number): string => `${(perMs / 1e6).toFixed(1)} M/ms`;
const percent = (ratio: number): string =>
  `${ratio >= 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(1)} %`;

const printScripts = (scripts: readonly ScriptFigures[]): void => {
  const rows = scripts.map((script) => {
    const { name, meteredMs, unmeteredMs, fuel } = script;
    const overhead = unmeteredMs === null ? '-' : percent(meteredMs / unmeteredMs);
    const plain = unmeteredMs === null ? '-' : formatMs(unmeteredMs);
    return [
      name,
      plain,
      formatMs(meteredMs),
      overhead,
      `${(fuel / 1e6).toFixed(1)} M`,
      million(rate(script)),
    ];
  });
  print(formatTable([['', 'unmetered', 'metered', 'overhead', 'fuel', 'fuel per CPU'], ...rows]));
  const ratios = scripts.flatMap(({ meteredMs, unmeteredMs }) =>
    unmeteredMs === null ? [] : [meteredMs / unmeteredMs],
  );
  if (ratios.length > 0) {
    const mean = percent(geometricMean(ratios));
    print(`\nOverhead: geometric mean ${mean}, worst ${percent(Math.max(...ratios))}`);
  }
  const rates = scripts.map(rate);
  const spread = Math.max(...rates) / Math.min(...rates);
  print(
    `Fuel per CPU: median ${million(median(rates))}, spread ${formatRatio(spread)} (max / min)`,
  );
};

const printHostile = (hostile: readonly HostileFigures[], typical: number): void => {
  const cpuPerFuel = ({ limit, ms }: HostileFigures): number => (ms / limit) * typical;
  const rows = hostile
    .toSorted((a, b) => cpuPerFuel(b) - cpuPerFuel(a))
    .map((figures) => [
      figures.name,
      formatMs(figures.ms),
      formatRatio(cpuPerFuel(figures)),
      `${figures.fuelPast}`,
      formatMs((figures.fuelPast / figures.limit) * figures.ms + figures.msAfterRefusal),
    ]);
  const head = ['', 'CPU', "of the median script's", 'fuel past limit', 'time past limit'];
  print(formatTable([head, ...rows]));
  const worst = Math.max(...hostile.map(cpuPerFuel));
  print(`\nMost CPU for its fuel: ${formatRatio(worst)} of the median script's`);
};

const printNative = (binary: string, scripts: readonly ScriptFigures[]): void => {
  const native = measureNative(binary, programs(), options.quick ? 2 : 5);
  const rows = scripts.flatMap(({ name, meteredMs }) => {
    const ms = native.get(name);
    return ms === undefined ? [] : [{ name, meteredMs, ms }];
  });
  const cells = rows.map(({ name, meteredMs, ms }) => [
    name,
    formatMs(ms),
    formatMs(meteredMs),
    formatRatio(meteredMs / ms),
  ]);
  print(formatTable([['', 'native', 'metered wasm', 'wasm / native'], ...cells]));
  const mean = geometricMean(rows.map(({ meteredMs, ms }) => meteredMs / ms));
  print(`\nwasm / native: geometric mean ${formatRatio(mean)}`);
};

const begun = performance.now();
if (!existsSync(options.unmetered)) print(`no ${options.unmetered}: overhead is left out\n`);
print(`Node ${process.versions.node}, V8 ${process.versions.v8}; minima, builds in turn`);
print('\nAfter tier-up\n');
const optimised = measure([], options.quick ? 2 : 4, options.quick ? 3 : 12);
printScripts(optimised.scripts);
if (options.native !== undefined) {
  print('\nPrograms against the native binary\n');
  printNative(options.native, optimised.scripts);
}
print('\nHostile scripts that end out of fuel\n');
printHostile(optimised.hostile, median(optimised.scripts.map(rate)));
print('\nBaseline compiler only (Liftoff): the first moments of a process\n');
const baseline = measure(['--liftoff-only'], 1, options.quick ? 1 : 3);
printScripts(baseline.scripts);
print(`\n${((performance.now() - begun) / 1000).toFixed(0)} s in all`);
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify({ optimised, baseline }, null, 2)}\n`);
}
