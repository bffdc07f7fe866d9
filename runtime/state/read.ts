// Reads values back: nothing comes out but what was put under that key.

import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf, type TellState } from './event.ts';
import { segmentPath } from './folder.ts';
import type { Entry, Keydir, Segment } from './keydir.ts';
import { decodeRecord, kinds } from './record.ts';

/** An entry that has been written. */
export type Placed = Entry & { readonly segment: Segment };

const isPlaced = (entry: Entry): entry is Placed => entry.segment !== undefined;

/** The value of a key; nothing if the record is damaged. Throws what the file system says. */
const readValue = async (
  folder: string,
  key: string,
  { segment, offset, recordBytes, seq }: Placed,
): Promise<Uint8Array | undefined> => {
  const file = Buffer.alloc(recordBytes);
  const handle = await open(segmentPath(folder, segment.id), 'r');
  try {
    let [done, read] = [0, -1];
    while (done < recordBytes && read !== 0) {
      read = (await handle.read(file, done, recordBytes - done, offset + done)).bytesRead;
      done += read;
    }
  } finally {
    await handle.close();
  }
  const record = decodeRecord(file, segment.marker, 0);
  if (record?.kind !== kinds.put || record.key !== key || record.seq !== seq) return undefined;
  // A copy, so that whoever gets it may transfer it.
  return new Uint8Array(record.value);
};

export interface Reader {
  /** Nothing if it is not there, damaged (then it is struck off) or unreadable. Never rejects. */
  readonly read: (key: string) => Promise<Uint8Array | undefined>;
}

export interface ReaderOptions {
  readonly folder: string;
  readonly keydir: Keydir;
  /** Strikes a key off. */
  readonly drop: (key: string) => void;
  readonly tell: TellState;
}

export const createReader = ({ folder, keydir, drop, tell }: ReaderOptions): Reader['read'] => {
  const read: Reader['read'] = async (key) => {
    const entry = keydir.entries.get(key);
    if (!entry) return undefined;
    if (!isPlaced(entry)) return entry.value && new Uint8Array(entry.value);
    const { segment, offset, recordBytes } = entry;
    // A compaction may have moved it meanwhile, and deleted the segment that was looked into.
    const moved = (): boolean => entry.segment !== segment || entry.offset !== offset;
    const file = basename(segmentPath(folder, segment.id));
    try {
      const value = await readValue(folder, key, entry);
      if (value) return value;
    } catch (error) {
      if (keydir.entries.get(key) !== entry || moved()) return read(key);
      segment.unreadable = true;
      tell({ kind: 'unreadable', file, error: messageOf(error) });
      return undefined;
    }
    if (keydir.entries.get(key) !== entry || moved()) return read(key);
    tell({ kind: 'damaged', file, bytes: recordBytes });
    drop(key);
    return undefined;
  };
  return read;
};
