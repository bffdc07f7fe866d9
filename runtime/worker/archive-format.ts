// Sandboxes and init images as bytes on disk: a line of JSON about them, then bytes as they are.
// The log that they lie in has checked them, and belongs to this very interpreter.

import type { Delta } from '../engine/base.ts';
import { decodeDelta, encodeDelta } from '../engine/delta-format.ts';
import { isPlain } from '../engine/checkpoint.ts';
import { pack, unpack } from '../engine/pack.ts';
import type { InitImage } from '../sandbox/init-image.ts';
import { append, emptyJournal, entriesOf, type Entry } from '../sandbox/journal.ts';

/** What a sandbox is, with its image by the name under which that lies on disk. */
export interface Archived {
  readonly initDigest: string;
  readonly imageName: string | undefined;
  readonly checkpoint: Uint8Array | undefined;
  readonly journal: typeof emptyJournal;
  /** When it was last used, in milliseconds since the epoch. */
  readonly usedAt: number;
}

const newline = 0x0a;

const join = (about: unknown, ...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat([Buffer.from(`${JSON.stringify(about)}\n`), ...parts]));

const split = (bytes: Uint8Array): { readonly about: unknown; readonly rest: Uint8Array } => {
  const end = bytes.indexOf(newline);
  if (end < 0) throw new Error('no line that tells what it is');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString();
  return { about: JSON.parse(text), rest: bytes.slice(end + 1) };
};

/** BigInts are no JSON. */
const storable = ({ seed, ...entry }: Entry) => ({ ...entry, seed: String(seed) });
const restored = ({ seed, ...entry }: ReturnType<typeof storable>): Entry => ({
  ...entry,
  seed: BigInt(seed),
});

interface SandboxLine extends Pick<Archived, 'initDigest' | 'imageName' | 'usedAt'> {
  readonly journal: readonly ReturnType<typeof storable>[];
}

/** A checkpoint is packed if it is not yet. */
export const encodeSandbox = (sandbox: Archived): Uint8Array => {
  const { checkpoint, journal, ...about } = sandbox;
  return join(
    { ...about, journal: entriesOf(journal).map(storable) },
    checkpoint && isPlain(checkpoint) ? pack(checkpoint) : (checkpoint ?? new Uint8Array()),
  );
};

/** Throws when the bytes are none of `encodeSandbox`'s. */
export const decodeSandbox = (bytes: Uint8Array): Archived => {
  const { about, rest } = split(bytes);
  const { journal, initDigest, imageName, usedAt } = about as SandboxLine;
  return {
    ...{ initDigest, imageName, usedAt },
    journal: append(emptyJournal, journal.map(restored)),
    checkpoint: rest.length > 0 ? rest : undefined,
  };
};

interface ImageLine {
  readonly fuel: number;
  readonly wide: readonly boolean[];
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
}

export const encodeImage = ({ fuel, stdout, stderr, delta }: InitImage): Uint8Array => {
  const wide = delta.globals.map((value) => typeof value === 'bigint');
  const about = { fuel, wide, stdoutBytes: stdout.length, stderrBytes: stderr.length };
  return join(about, stdout, stderr, pack(encodeDelta(delta)));
};

/** Into memory that every thread reads. */
const shared = (delta: Delta): Delta => {
  const blocks = new Uint8Array(new SharedArrayBuffer(delta.blocks.length));
  blocks.set(delta.blocks);
  return { ...delta, blocks };
};

/** Throws when the bytes are none of `encodeImage`'s. */
export const decodeImage = (bytes: Uint8Array): InitImage => {
  const { about, rest } = split(bytes);
  const { fuel, wide, stdoutBytes, stderrBytes } = about as ImageLine;
  const outputBytes = stdoutBytes + stderrBytes;
  return {
    fuel,
    stdout: rest.slice(0, stdoutBytes),
    stderr: rest.slice(stdoutBytes, outputBytes),
    delta: shared(decodeDelta(unpack(rest.subarray(outputBytes)), wide)),
  };
};
