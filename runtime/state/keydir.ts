// What is known in memory of the log: the newest record of each key, where it is, and how much of
// each segment still counts. Touches no disk.

import { sizeInIndex } from './index-file.ts';
import { kinds, type FoundRecord } from './record.ts';

/** A segment as its reader and its compactor know it. */
export interface Segment {
  readonly id: number;
  readonly marker: Buffer;
  /** Bytes of the file, and of its index once it has one. */
  bytes: number;
  indexBytes: number;
  /** Bytes of records that are the newest put of their key. */
  liveBytes: number;
  /** Bytes of records that are the newest removal of their key. */
  removalBytes: number;
  /** The segment that is written to is open. */
  closed: boolean;
  /** The disk would not give it back: it is left alone until the next start. */
  unreadable: boolean;
}

/** The newest put of a key. */
export interface Entry {
  readonly seq: number;
  readonly recordBytes: number;
  /** Until it is written. */
  value: Uint8Array | undefined;
  /**
   * Until it is written: where the record is that a crash would fall back to. That segment must not
   * be deleted before this entry is on disk, even if it holds nothing else.
   */
  over: Segment | undefined;
  /** Whether it could be, of an entry that was put by this process. */
  written: Promise<boolean> | undefined;
  /** Where it is, once it is written. */
  segment: Segment | undefined;
  offset: number;
}

/** A key that was removed, while an older put of it may still be on disk. */
export interface Removal {
  readonly seq: number;
  readonly recordBytes: number;
  segment: Segment | undefined;
}

export interface Keydir {
  /** Least recently put first. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly removals: ReadonlyMap<string, Removal>;
  /** What the newest puts take on disk, in indexes too. */
  readonly liveBytes: () => number;
  /** Takes the place of whatever was known of the key. */
  readonly put: (key: string, entry: Entry) => void;
  readonly remove: (key: string, removal: Removal) => void;
  /** No put of the key ever came to the disk. */
  readonly forgetEntry: (key: string) => void;
  /** The record was written, or copied, to this place. Nothing if it is the newest no more. */
  readonly placeEntry: (key: string, entry: Entry, segment: Segment, offset: number) => void;
  readonly placeRemoval: (key: string, removal: Removal, segment: Segment | undefined) => void;
  /** No put of the key is left on disk. */
  readonly forgetRemoval: (key: string) => void;
}

export const createKeydir = (): Keydir => {
  const entries = new Map<string, Entry>();
  const removals = new Map<string, Removal>();
  let liveBytes = 0;
  const leave = ({ segment, recordBytes }: Entry): void => {
    if (segment) segment.liveBytes -= recordBytes;
  };
  const forgetEntry = (key: string): void => {
    const entry = entries.get(key);
    if (!entry) return;
    leave(entry);
    liveBytes -= entry.recordBytes + sizeInIndex(key);
    entries.delete(key);
  };
  const placeRemoval: Keydir['placeRemoval'] = (key, removal, segment) => {
    if (removals.get(key) !== removal) return;
    if (removal.segment) removal.segment.removalBytes -= removal.recordBytes;
    removal.segment = segment;
    if (segment) segment.removalBytes += removal.recordBytes;
  };
  const forgetRemoval = (key: string): void => {
    const removal = removals.get(key);
    if (removal) placeRemoval(key, removal, undefined);
    removals.delete(key);
  };
  return {
    entries,
    removals,
    liveBytes: () => liveBytes,
    put(key, entry) {
      const [older, removal] = [entries.get(key), removals.get(key)];
      if (!entry.segment) entry.over = older?.segment ?? older?.over ?? removal?.segment;
      forgetEntry(key);
      forgetRemoval(key);
      entries.set(key, entry);
      liveBytes += entry.recordBytes + sizeInIndex(key);
      if (entry.segment) entry.segment.liveBytes += entry.recordBytes;
    },
    remove(key, removal) {
      forgetEntry(key);
      forgetRemoval(key);
      removals.set(key, removal);
      if (removal.segment) removal.segment.removalBytes += removal.recordBytes;
    },
    placeEntry(key, entry, segment, offset) {
      const newest = entries.get(key);
      if (newest !== entry) {
        // It was overtaken while it was written: until the newest is there too, it counts.
        if (newest && !newest.segment) newest.over = segment;
        return;
      }
      leave(entry);
      entry.over = undefined;
      entry.value = undefined;
      entry.written = undefined;
      entry.segment = segment;
      entry.offset = offset;
      segment.liveBytes += entry.recordBytes;
    },
    forgetEntry,
    placeRemoval,
    forgetRemoval,
  };
};

/** Records as they were found on disk, in any order, with the segment of each. */
export type Found = readonly (readonly [segment: Segment, record: FoundRecord])[];

/** The highest sequence number, and a keydir of the newest records. */
export const recallKeydir = (found: Found): { readonly keydir: Keydir; readonly seq: number } => {
  const newest = new Map<string, readonly [Segment, FoundRecord]>();
  for (const each of found) {
    const known = newest.get(each[1].key);
    if (known === undefined || known[1].seq < each[1].seq) newest.set(each[1].key, each);
  }
  const keydir = createKeydir();
  const inOrder = [...newest.values()].sort(([, a], [, b]) => a.seq - b.seq);
  for (const [segment, { kind, key, seq, offset, recordBytes }] of inOrder) {
    if (kind === kinds.put) {
      keydir.put(key, {
        seq,
        recordBytes,
        segment,
        offset,
        value: undefined,
        over: undefined,
        written: undefined,
      });
    } else keydir.remove(key, { seq, recordBytes, segment });
  }
  return { keydir, seq: inOrder.at(-1)?.[1].seq ?? 0 };
};
