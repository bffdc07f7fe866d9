// Random ids. Bytes are drawn many at a time: asking for a few costs as much as asking for many.

import { randomFillSync } from 'node:crypto';

const drawn = Buffer.allocUnsafeSlow(512);
let used = drawn.length;

/** @param bytes far fewer than are drawn at once; the text is twice as long */
export const randomHex = (bytes: number): string => {
  if (used + bytes > drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += bytes;
  return drawn.toString('hex', used - bytes, used);
};
