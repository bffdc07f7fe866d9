// Collects the chunks of a body. Each is an object of some hundred bytes, however little it holds,
// and a client chooses how many there are: small ones are copied together.

import { httpLimits } from '../contract/limits.ts';

const { chunkBytesCopied, chunkBlockBytesMax, chunkBytes } = httpLimits;

export interface Gathered {
  readonly add: (chunk: Buffer) => void;
  /** All of it; forgets it, so that whoever holds this does not keep all bytes a second time. */
  readonly take: () => Buffer;
  /** Bytes of memory that it takes. */
  readonly held: () => number;
}

export const gather = (): Gathered => {
  let parts: Buffer[] = [];
  /** Where small chunks are copied to: in use up to `used`, of which `parts` has up to `told`. */
  let block = Buffer.alloc(0);
  let [told, used] = [0, 0];
  let [total, held] = [0, 0];
  const push = (part: Buffer): void => {
    parts.push(part);
    held += chunkBytes;
  };
  const tell = (): void => {
    if (used > told) push(block.subarray(told, used));
    told = used;
  };
  const copy = (chunk: Buffer): void => {
    if (used + chunk.length > block.length) {
      tell();
      // As much again as there is: what is held is at most about twice what came.
      block = Buffer.allocUnsafeSlow(
        Math.max(chunkBytesCopied, Math.min(total, chunkBlockBytesMax)),
      );
      held += block.length;
      [told, used] = [0, 0];
    }
    chunk.copy(block, used);
    used += chunk.length;
  };
  return {
    add(chunk) {
      // Most bodies are one chunk.
      if (chunk.length < chunkBytesCopied && total > 0) copy(chunk);
      else {
        tell();
        push(chunk);
        held += chunk.length;
      }
      total += chunk.length;
    },
    take() {
      tell();
      const [first, ...others] = parts;
      const whole =
        first && others.length === 0 ? first : Buffer.concat(first ? [first, ...others] : []);
      parts = [];
      block = Buffer.alloc(0);
      [told, used, total, held] = [0, 0, 0, 0];
      return whole;
    },
    held: () => held,
  };
};
