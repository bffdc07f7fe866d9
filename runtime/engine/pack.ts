// Bytes of ours, compressed: checkpoints that there is no room for as they are, and all on disk.

import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { requestLimits } from '../../contract/limits.ts';

/** A memory in which everything differs, and what says where. */
const unpackedBytesMax = 2 * requestLimits.memoryBytesCeiling;

/** Level 1: higher ones take several times longer and save a few per cent (docs/design/0006). */
const optionsFor = ({ length }: Uint8Array) => ({
  params: { [constants.ZSTD_c_compressionLevel]: 1 },
  pledgedSrcSize: length,
});

export const pack = (bytes: Uint8Array): Uint8Array =>
  // A copy of its own: what the compressor gives is a part of a larger buffer.
  new Uint8Array(zstdCompressSync(bytes, optionsFor(bytes)));

const compressLater = promisify(zstdCompress);

/** The same in a thread of Node's own. */
export const packLater = async (bytes: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await compressLater(bytes, optionsFor(bytes)));

/** Throws when the bytes are none of `pack`'s. */
export const unpack = (packed: Uint8Array): Buffer =>
  zstdDecompressSync(packed, { maxOutputLength: unpackedBytesMax });
