// The index of a closed segment: where its records are, so that a start need not read values. Pure.

import { crc32 } from 'node:zlib';
import { markerLength, type FoundRecord } from './record.ts';

const magic = Buffer.from('paddockI');
const headBytes = magic.length + markerLength + 10;
const entryLength = 19;

/** Bytes that a record takes in an index. */
export const sizeInIndex = (key: string): number => entryLength + key.length * 2;

/** The index of the segment with this marker and length. */
export const encodeIndex = (
  marker: Uint8Array,
  segmentBytes: number,
  records: readonly FoundRecord[],
): Buffer => {
  const bytes = records.reduce((sum, { key }) => sum + sizeInIndex(key), headBytes + 4);
  const file = Buffer.alloc(bytes);
  magic.copy(file);
  file.set(marker, magic.length);
  file.writeUIntLE(segmentBytes, headBytes - 10, 6);
  file.writeUInt32LE(records.length, headBytes - 4);
  let at = headBytes;
  for (const { kind, key, seq, offset, recordBytes } of records) {
    file.writeUInt8(kind, at);
    file.writeUInt16LE(key.length * 2, at + 1);
    file.writeUIntLE(seq, at + 3, 6);
    file.writeUIntLE(offset, at + 9, 6);
    file.writeUInt32LE(recordBytes, at + 15);
    at += entryLength + file.write(key, at + entryLength, 'utf16le');
  }
  file.writeUInt32LE(crc32(file.subarray(0, at)), at);
  return file;
};

/** What an index says, or nothing if it is damaged or not of this segment as it is. */
export const decodeIndex = (
  file: Buffer,
  marker: Buffer,
  segmentBytes: number,
): readonly FoundRecord[] | undefined => {
  const end = file.length - 4;
  if (end < headBytes || file.readUInt32LE(end) !== crc32(file.subarray(0, end))) return undefined;
  const found = file.subarray(magic.length, magic.length + markerLength);
  if (!file.subarray(0, magic.length).equals(magic) || !marker.equals(found)) return undefined;
  if (file.readUIntLE(headBytes - 10, 6) !== segmentBytes) return undefined;
  const records: FoundRecord[] = [];
  let at = headBytes;
  for (let left = file.readUInt32LE(headBytes - 4); left > 0; left -= 1) {
    const keyEnd = at + entryLength + file.readUInt16LE(at + 1);
    records.push({
      kind: file.readUInt8(at),
      key: file.toString('utf16le', at + entryLength, keyEnd),
      seq: file.readUIntLE(at + 3, 6),
      offset: file.readUIntLE(at + 9, 6),
      recordBytes: file.readUInt32LE(at + 15),
    });
    at = keyEnd;
  }
  return records;
};
