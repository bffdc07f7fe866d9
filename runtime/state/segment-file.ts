// The segment that is being written: opened, appended to, brought to the disk, closed.

import { randomBytes } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { segmentPath, syncFolder } from './folder.ts';
import type { Segment } from './keydir.ts';
import { markerLength, type FoundRecord, type RecordHead } from './record.ts';
import { writeIndex } from './recover.ts';
import { encodeHeader } from './segment.ts';

/** A record that is to be written. */
export interface Piece {
  readonly record: RecordHead;
  readonly recordBytes: number;
  /** What follows the marker. */
  readonly parts: readonly Uint8Array[];
  /** Asked before it is written: whether it still says anything. */
  readonly wanted: () => boolean;
  readonly settled: (fate: Fate) => void;
}

/** Where a record was written, or why it was not: nobody wants it any more, or the disk refused. */
export type Fate = { readonly segment: Segment; readonly offset: number } | 'stale' | 'failed';

export interface SegmentFile {
  readonly segment: Segment;
  readonly isEmpty: () => boolean;
  /** Writes pieces that are still wanted, and tells each of them its fate. Throws: none was. */
  readonly append: (pieces: readonly Piece[]) => Promise<void>;
  /** Brings what was written to the disk itself. */
  readonly flush: () => Promise<void>;
  /** Flushes, writes the index and closes; the file is closed even if that fails. */
  readonly close: () => Promise<void>;
}

/** Writes all of it: the system may take less at a time than it was given. */
const writeAll = async (
  handle: FileHandle,
  parts: readonly Uint8Array[],
  position: number,
): Promise<void> => {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  let { bytesWritten: done } = await handle.writev(parts as Uint8Array[], position);
  const rest = done < bytes ? Buffer.concat(parts) : Buffer.alloc(0);
  while (done < bytes) {
    const { bytesWritten } = await handle.write(rest, done, bytes - done, position + done);
    done += bytesWritten;
  }
};

const start = async (folder: string, id: number, header: Uint8Array): Promise<FileHandle> => {
  const path = segmentPath(folder, id);
  const handle = await open(path, 'wx', 0o600);
  try {
    await writeAll(handle, [header], 0);
    await syncFolder(folder);
    return handle;
  } catch (error) {
    await handle.close();
    await unlink(path).catch(() => undefined);
    throw error;
  }
};

/** Makes a new segment. */
export const openSegmentFile = async (
  folder: string,
  binding: string,
  id: number,
): Promise<SegmentFile> => {
  const marker = randomBytes(markerLength);
  const header = encodeHeader(marker, binding);
  const handle = await start(folder, id, header);
  const counts = { indexBytes: 0, liveBytes: 0, removalBytes: 0, closed: false, unreadable: false };
  const segment: Segment = { id, marker, bytes: header.length, ...counts };
  const records: FoundRecord[] = [];
  let dirty = true;
  const flush = async (): Promise<void> => {
    if (!dirty) return;
    dirty = false;
    await handle.datasync();
  };
  return {
    segment,
    isEmpty: () => records.length === 0,
    async append(pieces) {
      const wanted = pieces.filter((piece) => piece.wanted());
      try {
        dirty ||= wanted.length > 0;
        const parts = wanted.flatMap((piece) => [marker, ...piece.parts]);
        if (parts.length > 0) await writeAll(handle, parts, segment.bytes);
      } catch (error) {
        await handle.truncate(segment.bytes).catch(() => undefined);
        throw error;
      }
      for (const piece of wanted) {
        const { record, recordBytes } = piece;
        const offset = segment.bytes;
        segment.bytes += recordBytes;
        records.push({ ...record, offset, recordBytes });
        piece.settled({ segment, offset });
      }
      for (const piece of pieces) if (!wanted.includes(piece)) piece.settled('stale');
    },
    flush,
    async close() {
      try {
        await flush();
        segment.indexBytes = await writeIndex(folder, segment, records);
      } finally {
        segment.closed = true;
        await handle.close();
      }
    },
  };
};
