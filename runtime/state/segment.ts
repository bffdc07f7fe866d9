// A segment as bytes: its header, and the search for its records. Pure.

import { crc32 } from 'node:zlib';
import { stateLimits } from '../../contract/limits.ts';
import { decodeRecord, markerLength, type FoundRecord } from './record.ts';

const magic = Buffer.from('paddockS');
const fixedBytes = magic.length + markerLength + 4;

export interface SegmentHeader {
  readonly marker: Buffer;
  readonly binding: string;
  /** Where the first record starts. */
  readonly bytes: number;
}

/** How much of a file has to be read for its header. */
export const headerBytesMax: number = fixedBytes + stateLimits.bindingBytesMax + 4;

export const encodeHeader = (marker: Uint8Array, binding: string): Buffer => {
  const text = Buffer.from(binding);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const body = Buffer.concat([magic, marker, length, text]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(body));
  return Buffer.concat([body, sum]);
};

/** The header at the start of `file`, or nothing if it is damaged or of something else. */
export const decodeHeader = (file: Buffer): SegmentHeader | undefined => {
  if (file.length < fixedBytes + 4 || !file.subarray(0, magic.length).equals(magic)) {
    return undefined;
  }
  const end = fixedBytes + file.readUInt32LE(fixedBytes - 4);
  if (end + 4 > file.length || file.readUInt32LE(end) !== crc32(file.subarray(0, end))) {
    return undefined;
  }
  return {
    marker: Buffer.from(file.subarray(magic.length, magic.length + markerLength)),
    binding: file.toString('utf8', fixedBytes, end),
    bytes: end + 4,
  };
};

export interface Scan {
  readonly records: readonly FoundRecord[];
  /** Bytes in the middle that are no record. */
  readonly damagedBytes: number;
  /** Where the last whole record ends; what follows is no record. */
  readonly end: number;
}

/** Finds every sound record of a segment. */
export const scanSegment = (segment: Buffer, { marker, bytes }: SegmentHeader): Scan => {
  const records: FoundRecord[] = [];
  let [at, end, damagedBytes] = [bytes, bytes, 0];
  while (at >= 0 && at < segment.length) {
    const record = decodeRecord(segment, marker, at);
    if (record === undefined) {
      at = segment.indexOf(marker, at + 1);
      continue;
    }
    const { kind, key, seq, offset, recordBytes } = record;
    records.push({ kind, key, seq, offset, recordBytes });
    damagedBytes += at - end;
    end = at = at + recordBytes;
  }
  return { records, damagedBytes, end };
};
