// A snapshot: one sandbox as bytes that its embedder keeps, and that any engine with the same
// interpreter makes the sandbox again from.

import { createHash } from 'node:crypto';
import { show } from '../../contract/explain.ts';
import type { InitImage } from '../sandbox/init-image.ts';
import { decodeImage, decodeSandbox, encodeImage, encodeSandbox } from './archive-format.ts';
import type { Past } from './resident.ts';

/** What a sandbox is, its init image not known to any worker yet. */
export interface Taken {
  readonly init_script: string;
  readonly past: Omit<Past, 'image'> & { readonly image: InitImage | undefined };
}

const magic = 'paddock snapshot 1\n';
const digestBytes = createHash('sha256').digest().length;

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

const parts = (...all: readonly Uint8Array[]): Buffer => {
  const lengths = new Uint32Array(all.map(({ length }) => length));
  return Buffer.concat([new Uint8Array(lengths.buffer), ...all]);
};

/** `binding` names the interpreter and the host functions that it is of. */
export const encodeSnapshot = ({ init_script, past }: Taken, binding: string): Uint8Array => {
  const sandbox = encodeSandbox({ ...past, initDigest: '', imageName: undefined, usedAt: 0 });
  const image = past.image ? encodeImage(past.image) : new Uint8Array();
  const [bindingBytes, source] = [binding, init_script].map((text) => Buffer.from(text));
  const body = parts(bindingBytes ?? new Uint8Array(), source ?? new Uint8Array(), image, sandbox);
  return new Uint8Array(Buffer.concat([Buffer.from(magic), digestOf(body), body]));
};

const partsOf = (body: Buffer, count: number): readonly Uint8Array[] => {
  let at = count * Uint32Array.BYTES_PER_ELEMENT;
  return Array.from({ length: count }, (_, index) => {
    const length = body.readUInt32LE(index * Uint32Array.BYTES_PER_ELEMENT);
    const part = new Uint8Array(body.subarray(at, at + length));
    at += length;
    return part;
  });
};

/**
 * What `encodeSnapshot` was given. Throws a TypeError when the bytes are damaged or none of a
 * snapshot, and when they are of another interpreter.
 */
export const decodeSnapshot = (bytes: unknown, binding: string): Taken => {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`snapshot: expected a Uint8Array, got ${show(bytes)}`);
  }
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const bodyAt = magic.length + digestBytes;
  const body = all.subarray(bodyAt);
  const digest = all.subarray(magic.length, bodyAt);
  if (!all.subarray(0, magic.length).equals(Buffer.from(magic)) || !digest.equals(digestOf(body))) {
    throw new TypeError('snapshot: expected the bytes of one, got others or damaged ones');
  }
  const [of, source, image, sandbox] = partsOf(body, 4);
  const name = Buffer.from(of ?? []).toString();
  if (name !== binding) {
    throw new TypeError(`snapshot: expected one of ${binding}, got one of ${name}`);
  }
  const { checkpoint, journal } = decodeSandbox(sandbox ?? new Uint8Array());
  return {
    init_script: Buffer.from(source ?? []).toString(),
    past: { image: image?.length ? decodeImage(image) : undefined, checkpoint, journal },
  };
};
