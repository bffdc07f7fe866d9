// One process to a folder. The lock is the kernel's (fcntl, as SQLite takes it): it ends with the
// process that holds it, however that ends, and knows nothing of process ids, which containers that
// share a folder count each for themselves.

import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Another process, or another log of this one, uses the folder. */
export class FolderBusy extends Error {}

const sqliteBusy = 5;

const lockFile = async (path: string): Promise<() => void> => {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(path);
  try {
    // Nothing is ever written to this database.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw error;
  }
  return () => {
    database.close();
  };
};

const isBusy = (error: unknown): boolean => (error as { errcode?: number }).errcode === sqliteBusy;

/** Locks a folder until the function that comes back is called. */
export const lockFolder = async (folder: string): Promise<() => void> => {
  const path = join(folder, 'lock');
  // Never opened when it is there: closing it again would end a lock that this process holds.
  await writeFile(path, '', { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  try {
    return await lockFile(path).catch(async (error: unknown) => {
      if (isBusy(error)) throw error;
      // Something else was written into it, and the lock of a folder is no reason not to start.
      await truncate(path);
      return lockFile(path);
    });
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw new FolderBusy(`${folder} is in use by another process`);
  }
};
