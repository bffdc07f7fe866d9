// Empties segments in the background: what still counts of one is appended to the newest, then it
// is deleted.

import { stateLimits } from '../../contract/limits.ts';
import type { Appender } from './append.ts';
import { deleteSegment } from './folder.ts';
import type { Entry, Keydir, Segment } from './keydir.ts';
import { chooseVictim } from './victim.ts';

export interface CompactorOptions {
  readonly folder: string;
  readonly keydir: Keydir;
  /** All segments, oldest first. */
  readonly segments: Segment[];
  readonly bytesMax: number;
  readonly segmentBytes: number;
  readonly read: (key: string) => Promise<Uint8Array | undefined>;
  readonly append: Pick<Appender, 'copy' | 'removal'>;
  /** Brings what was copied to the disk itself. */
  readonly flush: () => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** There may be more room than there was. */
  readonly onDone: () => void;
}

export interface Compactor {
  /** Starts a compaction if one is due and none is under way. */
  readonly look: () => void;
  /** Whether one is under way. */
  readonly isBusy: () => boolean;
  /** Breaks off what is under way. */
  readonly end: () => Promise<void>;
}

interface Run extends CompactorOptions {
  readonly ended: () => boolean;
}

/**
 * Entries that the victim holds, and those that wait to be written over what it holds: a crash
 * before they are would find neither.
 */
const entriesOf = (keydir: Keydir, victim: Segment): readonly (readonly [string, Entry])[] =>
  [...keydir.entries]
    .filter(([, { segment, over }]) => (segment ?? over) === victim)
    .sort(([, a], [, b]) => a.offset - b.offset);

const copyEntries = async (run: Run, victim: Segment): Promise<boolean> => {
  const { keydir, read, append, ended } = run;
  const needsCopy = (key: string, entry: Entry): boolean =>
    keydir.entries.get(key) === entry && (entry.segment ?? entry.over) === victim;
  let copies: Promise<boolean>[] = [];
  let bytes = 0;
  for (const [key, entry] of entriesOf(keydir, victim)) {
    const value = needsCopy(key, entry) ? await read(key) : undefined;
    if (value && needsCopy(key, entry)) {
      copies.push(append.copy(key, entry, value));
      bytes += entry.recordBytes;
    }
    if (bytes < stateLimits.batchBytesMax) continue;
    if ((await Promise.all(copies)).includes(false) || ended()) return false;
    [copies, bytes] = [[], 0];
  }
  return !(await Promise.all(copies)).includes(false) && !victim.unreadable;
};

/** False if the disk refuses; the segment then stays as it is. */
const compact = async (run: Run, victim: Segment): Promise<boolean> => {
  const { folder, keydir, segments, append, flush, ended } = run;
  // What was put meanwhile may wait to be written over the victim.
  while (entriesOf(keydir, victim).length > 0) {
    if (!(await copyEntries(run, victim)) || ended()) return false;
  }
  const oldest = segments[0] === victim;
  const removals = [...keydir.removals].filter(([, { segment }]) => segment === victim);
  if (!oldest) {
    const copies = removals.map(([key, removal]) => append.removal(key, removal));
    if ((await Promise.all(copies)).includes(false)) return false;
  }
  await flush();
  if (ended()) return false;
  await deleteSegment(folder, victim.id);
  segments.splice(segments.indexOf(victim), 1);
  for (const [key, removal] of oldest ? removals : []) {
    if (keydir.removals.get(key) === removal) keydir.forgetRemoval(key);
  }
  return true;
};

export const createCompactor = (options: CompactorOptions): Compactor => {
  const { keydir, segments, bytesMax, segmentBytes, onError, onDone } = options;
  let [ended, resting] = [false, false];
  let running: Promise<void> | undefined;
  const run: Run = { ...options, ended: () => ended };
  const compactOne = async (victim: Segment): Promise<void> => {
    const ok = await compact(run, victim).catch((error: unknown) => {
      onError(error);
      return false;
    });
    if (ok || ended) return;
    resting = true;
    setTimeout(() => {
      resting = false;
      look();
    }, stateLimits.retryMs).unref();
  };
  const look = (): void => {
    if (ended || resting || running) return;
    const [keys, removals] = [keydir.entries.size, keydir.removals.size];
    const victim = chooseVictim({ segments, keys, removals, bytesMax, segmentBytes });
    if (!victim) return;
    running = compactOne(victim).finally(() => {
      running = undefined;
      look();
      onDone();
    });
  };
  return {
    look,
    isBusy: () => running !== undefined && !ended,
    async end() {
      ended = true;
      await running;
    },
  };
};
