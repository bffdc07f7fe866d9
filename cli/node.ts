// What the command asks of Node: a version, and to keep what it has compiled for the next time.

import { lstatSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Whether a version is one that `wanted`, as `>=24`, takes. */
export const isNewEnough = (version: string, wanted: string): boolean =>
  Number.parseInt(version, 10) >= Number(/^>=(\d+)$/.exec(wanted)?.[1]);

const folderOf = ({ XDG_CACHE_HOME }: NodeJS.ProcessEnv): string =>
  join(
    XDG_CACHE_HOME === undefined || XDG_CACHE_HOME === ''
      ? join(homedir(), '.cache')
      : XDG_CACHE_HOME,
    'paddock',
    'compiled',
  );

/** Whoever can write there can have us run what he likes. */
const isOursAlone = (folder: string): boolean => {
  const { uid, mode } = lstatSync(folder);
  return uid === process.getuid?.() && (mode & 0o022) === 0;
};

/**
 * Has Node keep what it compiles of us in the user's cache folder, which spares a fifth of the time
 * that a server takes to start. Without such a folder, or where others may write to it, nothing is
 * kept. `NODE_COMPILE_CACHE` names another place, `NODE_DISABLE_COMPILE_CACHE` forbids it.
 */
export const keepCompiled = (env: NodeJS.ProcessEnv): void => {
  const folder = folderOf(env);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isOursAlone(folder)) enableCompileCache(folder);
  } catch {
    // A folder that cannot be made or read costs time and nothing else.
  }
};
