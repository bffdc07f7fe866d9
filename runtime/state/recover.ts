// What is left in a folder when a log is opened: each segment's header, then its index, or, if it
// has none that fits, the segment itself.

import { open, readFile, rename, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf, type TellState } from './event.ts';
import { indexPath, listSegments, segmentPath, setAside } from './folder.ts';
import { decodeIndex, encodeIndex } from './index-file.ts';
import { recallKeydir, type Keydir, type Segment } from './keydir.ts';
import type { FoundRecord } from './record.ts';
import { decodeHeader, headerBytesMax, scanSegment, type SegmentHeader } from './segment.ts';

/** Writes a segment's index, whole or not at all. Bytes of it. */
export const writeIndex = async (
  folder: string,
  { id, marker, bytes }: Pick<Segment, 'id' | 'marker' | 'bytes'>,
  records: readonly FoundRecord[],
): Promise<number> => {
  const path = indexPath(folder, id);
  const file = encodeIndex(marker, bytes, records);
  const part = `${path}.part`;
  try {
    await writeFile(part, file, { mode: 0o600 });
    await rename(part, path);
  } catch (error) {
    await unlink(part).catch(() => undefined);
    throw error;
  }
  return file.length;
};

const readHeader = async (path: string): Promise<SegmentHeader | undefined> => {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(headerBytesMax) });
    return decodeHeader(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
};

interface Loaded {
  readonly segment: Segment;
  readonly records: readonly FoundRecord[];
}

/** Reads a segment from end to end, and gives it an index again. */
const scan = async (
  folder: string,
  id: number,
  header: SegmentHeader,
  tell: TellState,
): Promise<Loaded> => {
  const path = segmentPath(folder, id);
  const bytes = await readFile(path);
  const { records, damagedBytes, end } = scanSegment(bytes, header);
  const file = basename(path);
  if (damagedBytes > 0) tell({ kind: 'damaged', file, bytes: damagedBytes });
  if (end < bytes.length) {
    tell({ kind: 'torn-tail', file, bytes: bytes.length - end });
    await truncate(path, end);
  }
  const { marker } = header;
  // Without an index the next start reads the segment again: a full disk is no reason to fail.
  const indexBytes = await writeIndex(folder, { id, marker, bytes: end }, records).catch(() => 0);
  const counts = { liveBytes: 0, removalBytes: 0, closed: true, unreadable: false };
  return { segment: { id, marker, bytes: end, indexBytes, ...counts }, records };
};

const load = async (
  folder: string,
  id: number,
  binding: string,
  tell: TellState,
): Promise<Loaded | undefined> => {
  const path = segmentPath(folder, id);
  const header = await readHeader(path);
  if (header?.binding !== binding) {
    const reason = header ? `bound to ${header.binding}, not ${binding}` : 'no sound header';
    await setAside(folder, id);
    tell({ kind: 'set-aside', file: basename(path), reason });
    return undefined;
  }
  const { size } = await stat(path);
  const index = await readFile(indexPath(folder, id)).catch(() => undefined);
  const records = index && decodeIndex(index, header.marker, size);
  if (!records) return scan(folder, id, header, tell);
  const { marker } = header;
  const counts = { liveBytes: 0, removalBytes: 0, closed: true, unreadable: false };
  return { segment: { id, marker, bytes: size, indexBytes: index.length, ...counts }, records };
};

export interface Recovered {
  /** Oldest first, all closed. */
  readonly segments: Segment[];
  readonly keydir: Keydir;
  /** The highest sequence number in use. */
  readonly seq: number;
  /** The number of the next segment. */
  readonly nextId: number;
}

/** Loads what is sound; what is not is told and never keeps a log from being opened. */
export const recover = async (
  folder: string,
  binding: string,
  tell: TellState,
): Promise<Recovered> => {
  const { ids, nextId } = await listSegments(folder);
  const loaded: Loaded[] = [];
  for (const id of ids) {
    try {
      const one = await load(folder, id, binding, tell);
      if (one) loaded.push(one);
    } catch (error) {
      tell({
        kind: 'unreadable',
        file: basename(segmentPath(folder, id)),
        error: messageOf(error),
      });
    }
  }
  const found = loaded.flatMap(({ segment, records }) =>
    records.map((record) => [segment, record] as const),
  );
  return { segments: loaded.map(({ segment }) => segment), nextId, ...recallKeydir(found) };
};
