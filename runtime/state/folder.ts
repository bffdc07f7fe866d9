// The folder of a state log: who may own it, the names in it, and what is put aside.

import { constants } from 'node:fs';
import { chmod, mkdir, open, readdir, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const asideName = 'set-aside';
const groupOrWorldWrites = 0o022;

/** A folder that must not hold state: the message says what to do. */
export class FolderRefused extends Error {}

/** Whether there is a folder now, or something else of that name. */
const makeOne = async (path: string): Promise<boolean> => {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return true;
    if (code === 'ENOENT') return false;
    throw new FolderRefused(`${path} cannot be made: ${String(error)}`);
  }
};

/**
 * Makes a folder and those above it. Node's recursive mkdir takes a file system without folders,
 * /proc, for one that lacks the folder above, and tries for ever.
 */
const makeAll = async (path: string): Promise<void> => {
  const above = dirname(path);
  if ((await makeOne(path)) || above === path) return;
  await makeAll(above);
  if (!(await makeOne(path))) {
    throw new FolderRefused(`${path} cannot be made: the file system of ${above} takes no folders`);
  }
};

/** Makes the folder if there is none, and refuses one that others could change. */
export const secureFolder = async (path: string): Promise<string> => {
  await makeAll(resolve(path));
  // A symbolic link is followed: what counts is whose folder it leads to.
  const folder = await realpath(path);
  const { uid, mode, ...what } = await stat(folder).then((it) => ({
    uid: it.uid,
    mode: it.mode,
    isFolder: it.isDirectory(),
  }));
  if (!what.isFolder) throw new FolderRefused(`${path} is no folder`);
  const self = process.geteuid?.();
  if (self !== undefined && uid !== self) {
    throw new FolderRefused(`${folder} belongs to user ${uid}, not to ${self}, who would use it`);
  }
  if (self !== undefined && (mode & groupOrWorldWrites) !== 0) {
    const octal = (mode & 0o777).toString(8);
    throw new FolderRefused(
      `others may write to ${folder} (mode ${octal}): chmod 700, or name a folder within it`,
    );
  }
  if (self !== undefined) await chmod(folder, 0o700);
  return folder;
};

const nameOf = (id: number, ending: string): string => `${String(id).padStart(10, '0')}.${ending}`;

export const segmentPath = (folder: string, id: number): string => join(folder, nameOf(id, 'log'));
export const indexPath = (folder: string, id: number): string => join(folder, nameOf(id, 'index'));

const segmentName = /^(\d{10,15})\.log$/;

const idsIn = (names: readonly string[]): readonly number[] =>
  names
    .flatMap((name) => segmentName.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

/** The segments of a folder, oldest first, and the first number that none has had yet. */
export const listSegments = async (
  folder: string,
): Promise<{ readonly ids: readonly number[]; readonly nextId: number }> => {
  const ids = idsIn(await readdir(folder));
  const aside = idsIn(await readdir(join(folder, asideName)).catch(() => []));
  return { ids, nextId: Math.max(0, ...ids.slice(-1), ...aside.slice(-1)) + 1 };
};

/** Renames and unlinks within a folder last only after this. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const unlinkIfThere = (path: string): Promise<void> =>
  unlink(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });

/** Deletes a segment and its index. Two deletions are never on disk in the other order. */
export const deleteSegment = async (folder: string, id: number): Promise<void> => {
  await unlinkIfThere(segmentPath(folder, id));
  await unlinkIfThere(indexPath(folder, id));
  await syncFolder(folder);
};

/** Moves a segment out of the way, never to be loaded; its index means nothing without it. */
export const setAside = async (folder: string, id: number): Promise<string> => {
  const aside = join(folder, asideName);
  await makeAll(aside);
  const target = segmentPath(aside, id);
  await rename(segmentPath(folder, id), target);
  await unlinkIfThere(indexPath(folder, id));
  return target;
};
