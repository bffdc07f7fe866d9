// Folders for state logs: made for one test, copied as a crash would leave them, damaged.

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStateLog, type StateEvent, type StateLog } from '../../runtime/state/index.ts';

/** A folder of its own, gone when `use` is done. */
export const withFolder = async <T>(use: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-state-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** A log with a small bound, and so with small segments, and what it told. */
export const openSmall = async (
  folder: string,
  options: { readonly bytesMax?: number; readonly binding?: string } = {},
): Promise<{ readonly log: StateLog; readonly events: StateEvent[] }> => {
  const events: StateEvent[] = [];
  const { bytesMax = 64 * 1024, binding = 'engine 1' } = options;
  const log = await openStateLog({ folder, binding, bytesMax, log: (event) => events.push(event) });
  return { log, events };
};

/** What is in a folder now, as it would be after a crash: nothing was closed. */
export const copyOf = async (folder: string): Promise<string> => {
  const copy = await mkdtemp(join(tmpdir(), 'paddock-state-copy-'));
  await cp(folder, copy, { recursive: true });
  return copy;
};

/** Files of a folder with this ending, in order. */
export const filesOf = async (folder: string, ending: string): Promise<readonly string[]> =>
  (await readdir(folder))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));

/** Flips one bit of a file. */
export const flipBit = async (path: string, bit: number): Promise<void> => {
  const bytes = await readFile(path);
  const at = Math.floor(bit / 8);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
  await writeFile(path, bytes);
};
