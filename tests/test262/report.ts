// What a run came to, as a table by folder and as JSON. Pure.

import type { Driven } from './drive.ts';
import type { Result, Surprises } from './expected.ts';

interface Count {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Report {
  readonly engine: string;
  readonly fuel: number;
  readonly seconds: number;
  readonly total: Count;
  readonly folders: readonly Count[];
  /** Features by how many failures name them; a failure may name several, or none. */
  readonly failingFeatures: readonly (readonly [feature: string, failures: number])[];
  readonly skipReasons: readonly (readonly [reason: string, tests: number])[];
  readonly failures: readonly Result[];
}

/** How deep a folder is told apart: `built-ins/Array`, `language/expressions`. */
const folderOf = (path: string): string => path.split('/').slice(0, -1).slice(0, 2).join('/');

const tally = (names: readonly string[]): readonly (readonly [string, number])[] =>
  [...Map.groupBy(names, (name) => name)]
    .map(([name, all]) => [name, all.length] as const)
    .toSorted((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));

const countOf = (name: string, { results, skipped }: Driven, within: (path: string) => boolean) => {
  const ran = results.filter(({ path }) => within(path));
  const failed = ran.filter(({ fault }) => fault !== undefined).length;
  return {
    name,
    passed: ran.length - failed,
    failed,
    skipped: skipped.filter(({ path }) => within(path)).length,
  };
};

/** Counts runs, that is variants, for passes and failures; tests for skips. */
export const reportOf = (
  driven: Driven,
  about: Pick<Report, 'engine' | 'fuel' | 'seconds'>,
): Report => {
  const { results, skipped, features } = driven;
  const failures = results.filter(({ fault }) => fault !== undefined);
  const paths = [...results, ...skipped].map(({ path }) => path);
  const folders = [...new Set(paths.map(folderOf))].toSorted();
  return {
    ...about,
    total: countOf('all', driven, () => true),
    folders: folders.map((name) => countOf(name, driven, (path) => folderOf(path) === name)),
    failingFeatures: tally(failures.flatMap(({ path }) => features.get(path) ?? [])),
    skipReasons: tally(skipped.map(({ reason }) => reason)),
    failures,
  };
};

const percent = ({ passed, failed }: Count): string => {
  // Rounded down: 100 % is said of nothing that failed.
  const share = Math.floor((1000 * passed) / (passed + failed)) / 10;
  return passed + failed === 0 ? '-' : `${share.toFixed(1)} %`;
};

const row = (cells: readonly (string | number)[], width: number): string => {
  const [name = '', ...numbers] = cells.map(String);
  return name.padEnd(width) + numbers.map((cell) => cell.padStart(10)).join('');
};

/** The report for a terminal. */
export const formatReport = (report: Report): string => {
  const counts = [...report.folders, report.total];
  const width = Math.max(...counts.map(({ name }) => name.length)) + 2;
  const table = counts.map((count) =>
    row([count.name, count.passed, count.failed, percent(count), count.skipped], width),
  );
  const ranking = (title: string, pairs: Report['skipReasons']): readonly string[] =>
    pairs.length === 0 ? [] : ['', title, ...pairs.map(([name, n]) => `${row([n], 8)}  ${name}`)];
  return [
    row(['folder', 'passed', 'failed', 'rate', 'skipped'], width),
    ...table,
    ...ranking('Features named by failures:', report.failingFeatures.slice(0, 20)),
    ...ranking('SKIPPED, not counted in any rate:', report.skipReasons),
    '',
    `${report.engine}, ${report.fuel} units of fuel for each test, ${report.seconds} s`,
  ].join('\n');
};

/** A fault on one line of bearable length. */
const brief = (fault = ''): string => fault.replace(/\s+/g, ' ').slice(0, 200);

/** The surprises for a terminal, empty when there are none. */
export const formatSurprises = ({ failed, passed, unknown }: Surprises): string =>
  [
    ...failed.map(({ path, variant, fault }) => `FAILED  ${path} ${variant}: ${brief(fault)}`),
    ...passed.map(({ path, variant }) => `PASSED  ${path} ${variant}, expected to fail`),
    ...unknown.map((name) => `UNKNOWN ${name}, expected to fail, is not in the suite`),
  ].join('\n');
