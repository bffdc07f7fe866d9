// Times whole processes, from spawn to the first line of output or to the exit.

import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { summarise, type Summary } from './statistics.ts';
import { contenderIds } from './contenders/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** isolated-vm asks for the first; all get the same. */
const nodeFlags = ['--no-node-snapshot', '--disable-warning=ExperimentalWarning'];

interface Command {
  readonly name: string;
  readonly args: readonly string[];
  /** What the first line of output must be. */
  readonly expect: string;
  readonly until: 'output' | 'exit';
}

const time = ({ name, args, expect, until }: Command): Promise<number> => {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const begin = performance.now();
  const child = spawn(process.execPath, [...nodeFlags, ...args], { cwd: root });
  let stdout = '';
  let stderr = '';
  let answered = Number.NaN;
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (Number.isNaN(answered) && stdout.includes('\n')) answered = performance.now() - begin;
  });
  child.on('error', reject);
  child.on('close', (code) => {
    if (code === 0 && stdout.split('\n')[0] === expect) {
      resolve(until === 'exit' ? performance.now() - begin : answered);
    } else reject(new Error(`${name}: exit ${String(code)}, ${stdout}${stderr}`));
  });
  return promise;
};

const interleave = async (
  commands: readonly Command[],
  rounds: number,
): Promise<Record<string, Summary>> => {
  const times: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const command of commands) (times[command.name] ??= []).push(await time(command));
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, summarise(list)]));
};

/** From spawning node to the first result, a fresh process each. */
export const measureStartUp = (rounds: number): Promise<Record<string, Summary>> =>
  interleave(
    [
      {
        name: 'node alone',
        args: ['--print', '1+1'],
        expect: '2',
        until: 'output',
      },
      ...contenderIds.map((id): Command => {
        const args = ['tests/bench/start.ts', id];
        return { name: id, args, expect: '2', until: 'output' };
      }),
    ],
    rounds,
  );

/** The command line against a naive sandbox script, whole processes. */
export const measureCommandLine = (rounds: number): Promise<Record<string, Summary>> => {
  const scripts: Readonly<Record<string, readonly [script: string, output: string]>> = {
    hello: ["console.log('hello world')", 'hello world'],
    fib: [
      'function fib(n) { return n <= 1 ? 1 : fib(n - 1) + fib(n - 2); } console.log(fib(16))',
      '1597',
    ],
  };
  const commands = Object.entries(scripts).flatMap(([name, [script, expect]]): Command[] => [
    {
      name: `paddock run: ${name}`,
      args: ['cli/main.ts', 'run', '--script', script],
      expect,
      until: 'exit',
    },
    {
      name: `naive node:vm: ${name}`,
      args: ['tests/bench/naive-sandbox.ts', script],
      expect,
      until: 'exit',
    },
  ]);
  return interleave(commands, rounds);
};
