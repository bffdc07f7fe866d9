// Checkpoints that have been replaced give their memory back at once. Left to V8's collector they
// make it run: what lies outside of its heap counts, and under load a server replaces 64 MiB of
// checkpoints within seconds, after each of which it marks its whole heap, on every core.

import { isPlain } from '../engine/checkpoint.ts';
import { packLater } from '../engine/pack.ts';

/** Those that another thread has read, or still reads: the collector knows when it is done. */
const lent = new WeakSet<Uint8Array>();

/** Packs a checkpoint in another thread; it is not to be given back meanwhile. */
export const packLent = (plain: Uint8Array): Promise<Uint8Array> => {
  lent.add(plain);
  return packLater(plain);
};

/**
 * Nobody reads this checkpoint any more: its bytes are gone. A packed one is small, or a part of
 * what came from the disk; it is left to the collector.
 */
export const giveBack = (checkpoint: Uint8Array): void => {
  const { buffer, byteLength } = checkpoint;
  if (byteLength === 0 || lent.has(checkpoint) || !isPlain(checkpoint)) return;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
};
