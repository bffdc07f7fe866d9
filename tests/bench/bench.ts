// npm run bench: Paddock beside isolated-vm, quickjs-emscripten, quickjs-wasi and plain node:vm.
//   --quick         fewer rounds
//   --scripts DIR   measures the .js files of one more folder
//   --json FILE     writes every figure

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { contenderIds, openContender } from './contenders/index.ts';
import { measureFresh, measureLive, measureOnce, measureScript, type Row } from './evaluation.ts';
import { installContenders } from './install.ts';
import { measureCommandLine, measureStartUp } from './processes.ts';
import { programs, readScripts, smallScripts } from './scripts.ts';
import { geometricMean, type Summary } from './statistics.ts';
import { formatMs, formatRatio, formatTable } from './table.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    scripts: { type: 'string' },
    json: { type: 'string' },
  },
});
const rounds = options.quick
  ? { processes: 3, fresh: 15, live: 20, small: 4, programs: 2 }
  : { processes: 10, fresh: 60, live: 100, small: 15, programs: 8 };

// isolated-vm needs this flag of the process that loads it.
const flag = '--no-node-snapshot';
if (!process.execArgv.includes(flag)) {
  const again = spawnSync(process.execPath, [flag, ...process.argv.slice(1)], { stdio: 'inherit' });
  process.exit(again.status ?? 1);
}
installContenders();

const print = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};
const summaryCell = ({ p50, min }: Summary): string => `${formatMs(p50)} (${formatMs(min)})`;

const printProcesses = (title: string, row: Row): void => {
  print(`\n${title}\n`);
  const cells = Object.entries(row).map(([name, summary]) => [
    name,
    formatMs(summary.p50),
    formatMs(summary.min),
  ]);
  print(formatTable([['', 'p50', 'min'], ...cells]));
};

const printRows = (title: string, rows: Readonly<Record<string, Row>>): void => {
  const names = Object.keys(Object.values(rows)[0] ?? {});
  print(`\n${title}: p50 (min)\n`);
  const body = Object.entries(rows).map(([script, row]) => [
    script,
    ...names.map((name) => (row[name] ? summaryCell(row[name]) : '-')),
  ]);
  const ratios = (['p50', 'min'] as const).map((figure) => [
    `paddock / this: ${figure}, geometric mean`,
    ...names.map((name) => {
      const list = Object.values(rows).map(
        (row) => (row['paddock']?.[figure] ?? 0) / (row[name]?.[figure] ?? 0),
      );
      return formatRatio(geometricMean(list));
    }),
  ]);
  print(formatTable([['', ...names], ...body, ...ratios]));
};

print(`Node ${process.versions.node}, V8 ${process.versions.v8}`);
print(
  `${cpus().length} CPUs, ${cpus()[0]?.model ?? 'unknown'}; contenders take turns in each round`,
);

const startUp = await measureStartUp(rounds.processes);
printProcesses('Start-up: from spawning node to the first 1+1', startUp);
const commandLine = await measureCommandLine(rounds.processes);
printProcesses('Command line: whole processes', commandLine);

const contenders = [];
for (const id of contenderIds) contenders.push(await openContender(id));
print('\nContenders\n');
for (const { name, version, note } of contenders) print(`${name} ${version}: ${note}`);

const basics = {
  'one-shot 1+1': await measureOnce(contenders, rounds.fresh),
  'new kept sandbox + 1+1': await measureFresh(contenders, rounds.fresh),
  'live 1+1': await measureLive(contenders, rounds.live),
};
printRows('Sandboxes', basics);

// One memory for all changes nothing for a script that runs: it is left out from here on.
const runners = contenders.filter(({ name }) => !name.endsWith('shared'));
const measureAll = async (list: ReturnType<typeof readScripts>, times: number) => {
  const rows: Record<string, Row> = {};
  for (const script of list) rows[script.name] = await measureScript(runners, script, times);
  return rows;
};
const groups: Record<string, Record<string, Row>> = {
  'Small scripts': await measureAll(smallScripts(), rounds.small),
  Programs: await measureAll(programs(), rounds.programs),
};
if (options.scripts !== undefined) {
  groups[options.scripts] = await measureAll(readScripts(options.scripts), rounds.programs);
}
for (const [title, rows] of Object.entries(groups)) printRows(title, rows);

if (options.json !== undefined) {
  const versions = contenders.map(({ name, version }) => ({ name, version }));
  const report = { node: process.versions.node, cpus: cpus().length, versions, rounds };
  const figures = { startUp, commandLine, basics, groups };
  writeFileSync(options.json, `${JSON.stringify({ ...report, ...figures }, null, 2)}\n`);
}
for (const contender of contenders) await contender.close();
