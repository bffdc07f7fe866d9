// npm test and npm run test:all: one list of checks, each run to its end, some beside the one that
// comes before, and a closing line that counts. Plain `npm test` needs no root, no compiler and no
// network; it says what it left out.

import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { root } from './interpreter/sources.ts';

interface Count {
  passed: number;
  failed: number;
  /** Titles of tests that were left out, or how many there are of them. */
  readonly skipped: string[];
}

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** After so many minutes it is ended and has failed; 15 when absent. */
  readonly minutesMax?: number;
  /** Only for clusters of our own. */
  readonly ours?: true;
  /** Runs beside the one before, which leaves it a core; what it says is printed when it ends. */
  readonly beside?: true;
  /** Counts from lines of its output; a check without is one test of its own. */
  readonly count?: (line: string, count: Count) => void;
}

const tap = (line: string, count: Count): void => {
  const left = /^(?:not )?ok \d+ - (.*) # SKIP/.exec(line);
  if (left) count.skipped.push(left[1] ?? '');
  const summary = /^# (pass|fail|skip|todo) (\d+)$/.exec(line);
  if (!summary) return;
  const [, kind, number] = summary;
  if (kind === 'pass') count.passed += Number(number);
  else if (kind === 'fail') count.failed += Number(number);
};

const cargoTest = (line: string, count: Count): void => {
  const summary = /^test result: .* (\d+) passed; (\d+) failed; (\d+) ignored/.exec(line);
  if (!summary) return;
  count.passed += Number(summary[1]);
  count.failed += Number(summary[2]);
  if (summary[3] !== '0') count.skipped.push(`${summary[3] ?? ''} tests in Rust`);
};

const interpreter = 'interpreter';

/** Between asking a check to end and ending it. */
const graceMs = 20_000;

/** The cluster of KUBECONFIG needs none of its parts built. */
const onForeign = (process.env['KUBECONFIG'] ?? '') !== '';

const always: readonly Check[] = [
  { name: 'types', command: ['npm', 'run', '--silent', 'types'] },
  { name: 'lint', command: ['eslint', '.'], beside: true },
  { name: 'format', command: ['prettier', '--check', '.'], beside: true },
  { name: 'TypeScript tests', command: ['ava', '--tap'], count: tap },
];

const rest: readonly Check[] = [
  {
    // First, since it installs the toolchain that the others may need.
    name: 'the committed interpreter is what its sources build',
    command: ['node', 'scripts/build-interpreter.ts', '--check'],
  },
  { name: 'Rust format', command: ['cargo', 'fmt', '--all', '--check'], cwd: interpreter },
  {
    name: 'Rust lint',
    command: ['cargo', 'clippy', '--workspace', '--all-targets', '--', '-D', 'warnings'],
    cwd: interpreter,
  },
  { name: 'Rust tests', command: ['node', 'scripts/test-rust.ts'], count: cargoTest },
  {
    name: 'the images are built',
    ours: true,
    beside: true,
    command: ['node', 'scripts/images/build.ts'],
  },
  {
    // Before the tests that need them: what is missing is built from its sources.
    name: 'the parts of a node are built',
    ours: true,
    command: ['node', 'tests/cluster/build/build.ts'],
    minutesMax: 45,
  },
  {
    name: 'tests on a real control plane',
    command: ['ava', '--tap'],
    env: { PADDOCK_TEST_LAYER: 'apiserver' },
    count: tap,
  },
  {
    name: 'tests on a real node with gVisor',
    command: ['ava', '--tap'],
    env: { PADDOCK_TEST_LAYER: 'node' },
    minutesMax: 45,
    count: tap,
  },
  {
    name: 'a node leaves nothing behind',
    command: ['ava', '--tap'],
    env: { PADDOCK_TEST_LAYER: 'alone' },
    count: tap,
  },
  { name: 'fuel is the same on Node 24', command: ['node', 'scripts/fuel-on-node-24.ts'] },
  {
    name: 'benchmarks run',
    command: ['npm', 'run', '--silent', 'bench', '--', '--quick'],
    beside: true,
  },
];

/** Tells a check and all that it has started. */
const signal = ({ pid }: ChildProcess, name: NodeJS.Signals): void => {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // It is gone already.
  }
};

const running = new Set<ChildProcess>();
process.once('SIGINT', () => {
  for (const child of running) signal(child, 'SIGINT');
  process.exit(130);
});

type Print = (line: string) => void;

/** Ends a check that hangs; gives what takes that back. */
const watch = (minutes: number, child: ChildProcess, print: Print): (() => void) => {
  const timers = (['SIGTERM', 'SIGKILL'] as const).map((name, index) =>
    setTimeout(
      () => {
        print(`== not done after ${minutes} minutes: ${name}`);
        signal(child, name);
      },
      minutes * 60_000 + index * graceMs,
    ),
  );
  running.add(child);
  return () => {
    running.delete(child);
    timers.forEach(clearTimeout);
  };
};

const run = async (check: Check, print: Print): Promise<Count> => {
  const { command, cwd, env, minutesMax = 15, count } = check;
  const total: Count = { passed: 0, failed: 0, skipped: [] };
  const [file, ...args] = command;
  const child = spawn(file, args, {
    cwd: cwd === undefined ? root : `${root}${cwd}`,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A process group of its own, so that it can be ended as a whole.
    detached: true,
  });
  const unwatch = watch(minutesMax, child, print);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  for await (const line of createInterface(child.stdout)) {
    print(line);
    count?.(line, total);
  }
  const code = await ended;
  unwatch();
  if (!count) total[code === 0 ? 'passed' : 'failed'] += 1;
  else if (code !== 0 && total.failed === 0) total.failed += 1;
  else if (total.passed + total.failed === 0) total.failed += 1;
  return total;
};

const runOne = async (check: Check, print: Print): Promise<Count> => {
  print(`\n== ${check.name}: ${check.command.join(' ')}`);
  const since = performance.now();
  const count = await run(check, print);
  const seconds = Math.round((performance.now() - since) / 1000);
  print(`== ${check.name}: ${count.failed === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
  return count;
};

const say: Print = (line) => {
  process.stdout.write(`${line}\n`);
};

const runBeside = async (check: Check): Promise<Count> => {
  const lines: string[] = [];
  const count = await runOne(check, (line) => lines.push(line));
  lines.forEach(say);
  return count;
};

const runAll = async (list: readonly Check[]): Promise<Count> => {
  const sum: Count = { passed: 0, failed: 0, skipped: [] };
  const groups: Check[][] = [];
  for (const check of list) {
    const group = groups.at(-1);
    if (check.beside && group) group.push(check);
    else groups.push([check]);
  }
  for (const [first, ...others] of groups) {
    if (!first) continue;
    const counts = await Promise.all([runOne(first, say), ...others.map(runBeside)]);
    for (const { passed, failed, skipped } of counts) {
      sum.passed += passed;
      sum.failed += failed;
      sum.skipped.push(...skipped);
    }
  }
  return sum;
};

const all = process.argv.includes('--all');
const checks = [...always, ...rest.filter(({ ours }) => ours !== true || !onForeign)];
const { passed, failed, skipped } = await runAll(all ? checks : always);
if (!all) {
  process.stdout.write('\nLeft out (npm run test:all runs them):\n');
  for (const { name } of rest) process.stdout.write(`  ${name}\n`);
}
if (skipped.length > 0) {
  process.stdout.write(`\nTests that were left out:\n  ${skipped.join('\n  ')}\n`);
}
// On the cluster of KUBECONFIG some cannot run, and say why; in CI there is none.
const skippedInCi = process.env['CI'] !== undefined && skipped.length > 0;
if (skippedInCi) process.stdout.write('CI leaves no test out\n');
process.stdout.write(`\n${passed} passed, ${failed + (skippedInCi ? skipped.length : 0)} failed\n`);
process.exitCode = failed === 0 && !skippedInCi ? 0 : 1;
