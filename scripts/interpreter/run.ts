// Runs a command of the build, its output shown, its failure thrown.

import { spawnSync } from 'node:child_process';

interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs to the end with inherited output. Throws when the command cannot start or fails. */
export const run = (command: string, args: readonly string[], options: Options = {}): void => {
  process.stdout.write(`$ ${command} ${args.join(' ')}\n`);
  const { status, error } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
    env: { ...process.env, ...options.env },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
};

/** What a command prints on stdout, trimmed. Throws when it fails. */
export const read = (command: string, args: readonly string[], options: Options = {}): string => {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...options,
    env: { ...process.env, ...options.env },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout.trim();
};
