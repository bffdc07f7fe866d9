// Values that say what they are: of which key, the how-manieth, and whether they are whole.

import { createHash } from 'node:crypto';

const digest = (key: string, number: number): Buffer =>
  createHash('sha256').update(`${number} ${key}`).digest();

/** 2 to 20 KiB, all of it made from key and number. */
export const valueOf = (key: string, number: number): Uint8Array => {
  const seed = digest(key, number);
  const value = Buffer.alloc(2_048 + (seed.readUInt32LE() % 18_432), seed);
  value.writeUIntLE(number, 0, 6);
  return value;
};

/** The number of a value, if it is one of this key. */
export const numberOf = (key: string, value: Uint8Array): number | undefined => {
  const number = Buffer.from(value).readUIntLE(0, 6);
  return valueOf(key, number).length === value.length &&
    Buffer.compare(valueOf(key, number), value) === 0
    ? number
    : undefined;
};
