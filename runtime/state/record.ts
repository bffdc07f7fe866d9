// How a record lies on disk: marker, header, key, value. Pure.

import { crc32 } from 'node:zlib';
import { stateLimits } from '../../contract/limits.ts';

/**
 * Each segment has a random marker that starts all its records. After damage the next record is
 * found by it; what a sandbox keeps in its memory can never look like a record, because no sandbox
 * ever sees a marker.
 */
export const markerLength = 16;
const headerLength = 20;

export const kinds = { put: 1, remove: 2 } as const;

/** What a record says, its value aside. */
export interface RecordHead {
  readonly kind: number;
  readonly key: string;
  /** Rises with each put and remove; the highest of a key wins. A copy keeps its number. */
  readonly seq: number;
}

/** A record found in a segment. */
export interface FoundRecord extends RecordHead {
  readonly offset: number;
  readonly recordBytes: number;
}

const keyBytes = (key: string): number => key.length * 2;

/** Bytes of a record on disk, its marker included. */
export const sizeOfRecord = (key: string, valueBytes: number): number =>
  markerLength + headerLength + keyBytes(key) + valueBytes;

const checksum = (head: Uint8Array, value: Uint8Array): number =>
  crc32(value, crc32(head.subarray(4)));

/** Header and key: all of a record that stands between marker and value. */
export const encodeHead = ({ kind, key, seq }: RecordHead, value: Uint8Array): Buffer => {
  const head = Buffer.alloc(headerLength + keyBytes(key));
  head.writeUInt8(kind, 4);
  head.writeUInt16LE(keyBytes(key), 6);
  head.writeUInt32LE(value.length, 8);
  head.writeUIntLE(seq, 12, 6);
  head.write(key, headerLength, 'utf16le');
  head.writeUInt32LE(checksum(head, value), 0);
  return head;
};

/** The record that starts at `offset`, or nothing if there is no whole and sound one. */
export const decodeRecord = (
  segment: Buffer,
  marker: Uint8Array,
  offset: number,
): (FoundRecord & { readonly value: Buffer }) | undefined => {
  const start = offset + markerLength;
  if (start + headerLength > segment.length) return undefined;
  if (!segment.subarray(offset, start).equals(marker)) return undefined;
  const keyEnd = start + headerLength + segment.readUInt16LE(start + 6);
  const valueBytes = segment.readUInt32LE(start + 8);
  if (valueBytes > stateLimits.valueBytesMax || keyEnd + valueBytes > segment.length) {
    return undefined;
  }
  const value = segment.subarray(keyEnd, keyEnd + valueBytes);
  const head = segment.subarray(start, keyEnd);
  if (segment.readUInt32LE(start) !== checksum(head, value)) return undefined;
  return {
    kind: head.readUInt8(4),
    key: head.toString('utf16le', headerLength),
    seq: head.readUIntLE(12, 6),
    offset,
    recordBytes: keyEnd + valueBytes - offset,
    value,
  };
};
