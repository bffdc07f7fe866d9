// A delta as bytes, and back, checked: how init images lie on disk. Layout, little endian, as all
// machines are that Node runs on but one:
// number of blocks, bytes of memory, number of globals (u32 each), the globals (i64), the places
// (u32), the blocks.

import { requestLimits } from '../../contract/limits.ts';
import { pageBytes } from './abi.ts';
import { blockBytes, type Delta } from './base.ts';

const headerBytes = 12;
const globalBytes = 8;
const placeBytes = 4;

export const encodeDelta = ({ places, blocks, globals, memoryBytes }: Delta): Uint8Array => {
  const placesAt = headerBytes + globals.length * globalBytes;
  const blocksAt = placesAt + places.length * placeBytes;
  const bytes = Buffer.allocUnsafe(blocksAt + blocks.length);
  bytes.writeUInt32LE(places.length, 0);
  bytes.writeUInt32LE(memoryBytes, 4);
  bytes.writeUInt32LE(globals.length, 8);
  globals.forEach((value, index) => {
    bytes.writeBigInt64LE(BigInt(value), headerBytes + index * globalBytes);
  });
  bytes.set(new Uint8Array(places.buffer, places.byteOffset, places.byteLength), placesAt);
  bytes.set(blocks, blocksAt);
  return bytes;
};

/** `wide` has true for each global that is a BigInt. Throws when the bytes are none of a delta. */
export const decodeDelta = (bytes: Buffer, wide: readonly boolean[]): Delta => {
  const count = bytes.readUInt32LE(0);
  const globalCount = bytes.readUInt32LE(8);
  const placesAt = headerBytes + globalCount * globalBytes;
  const blocksAt = placesAt + count * placeBytes;
  if (globalCount !== wide.length || bytes.length !== blocksAt + count * blockBytes) {
    throw new Error('a delta of another interpreter, or a damaged one');
  }
  const places = new Uint32Array(new Uint8Array(bytes.subarray(placesAt, blocksAt)).buffer);
  const memoryBytes = bytes.readUInt32LE(4);
  const fits = places.every((place) => (place + 1) * blockBytes <= memoryBytes);
  if (!fits || memoryBytes > requestLimits.memoryBytesCeiling || memoryBytes % pageBytes !== 0) {
    throw new Error('a delta of more than a memory');
  }
  return {
    places,
    blocks: bytes.subarray(blocksAt),
    memoryBytes,
    globals: wide.map((isWide, index) => {
      const value = bytes.readBigInt64LE(headerBytes + index * globalBytes);
      return isWide ? value : Number(value);
    }),
  };
};
