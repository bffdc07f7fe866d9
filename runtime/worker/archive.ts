// The archive: sandboxes on disk, so that they outlive the process. What a sandbox is lies on the
// main thread after each call, and is written a little later; only what nobody has here is read.

import { hash } from 'node:crypto';
import { archiveLimits } from '../../contract/limits.ts';
import type { NamedImage } from '../sandbox/init-image.ts';
import type { StateLog } from '../state/index.ts';
import { isPlain } from '../engine/checkpoint.ts';
import { decodeImage, decodeSandbox, encodeImage, encodeSandbox } from './archive-format.ts';
import type { Past, Resident } from './resident.ts';
import type { InitImages } from './init-images.ts';
import { packLent } from './spent.ts';

/** A sandbox as it lies on disk. */
export interface Found {
  readonly initDigest: string;
  readonly past: Past;
}

export interface Archive {
  readonly has: (key: string) => boolean;
  /** Undefined when it is damaged, too old or its init image is gone: it is to be removed then. */
  readonly load: (key: string) => Promise<Found | undefined>;
  /** A sandbox has changed: it is written soon. */
  readonly touch: (resident: Resident) => void;
  /** A sandbox leaves memory: what is not written yet is written now. */
  readonly flush: (resident: Resident) => void;
  readonly remove: (key: string) => void;
  /** Writes all that is not written yet. */
  readonly close: () => Promise<void>;
}

/** Nothing outlives the process. */
export const noArchive: Archive = {
  has: () => false,
  load: () => Promise.resolve(undefined),
  touch: () => undefined,
  flush: () => undefined,
  remove: () => undefined,
  close: () => Promise.resolve(),
};

export interface ArchiveOptions {
  readonly log: StateLog;
  /** Gives names to images that come from disk. */
  readonly images: Pick<InitImages, 'name'>;
  /** A sandbox that nobody has called for so long is not loaded. */
  readonly idleMs: number;
  /** Told why a sandbox that is there cannot be had. */
  readonly onFault: (cause: string) => void;
}

const sandboxKey = (key: string): string => `s${key}`;
const imageKey = (name: string): string => `i${name}`;

/** What is known of an image on disk. */
interface Kept {
  readonly name: string;
  /** How much had been written when it was last. */
  readonly at: number;
}

/** Init images on disk, each under the digest of its bytes; of each one there is one in memory. */
const createImages = ({ log, images }: ArchiveOptions) => {
  const kept = new WeakMap<NamedImage, Kept>();
  const known = new Map<string, WeakRef<NamedImage>>();
  const againBytes = log.bytesMax * archiveLimits.imageAgainShare;
  let written = 0;
  const learn = (name: string, image: NamedImage, at: number): NamedImage => {
    kept.set(image, { name, at });
    known.set(name, new WeakRef(image));
    return image;
  };
  return {
    wrote(bytes: number): void {
      written += bytes;
    },
    /**
     * Written before any sandbox that is made from it, and again now and then: the log forgets what
     * was put least recently, and they need it as long as there is one of them.
     */
    keep(image: NamedImage): string {
      const before = kept.get(image);
      const isRecent = before !== undefined && written - before.at < againBytes;
      if (isRecent && log.has(imageKey(before.name))) return before.name;
      const bytes = encodeImage(image);
      const name = before?.name ?? hash('sha256', bytes);
      void log.put(imageKey(name), bytes);
      learn(name, image, written);
      return name;
    },
    async load(name: string): Promise<NamedImage | undefined> {
      const here = known.get(name)?.deref();
      if (here) return here;
      const bytes = await log.get(imageKey(name));
      // Nobody knows how long ago it was put.
      return bytes && learn(name, images.name(decodeImage(bytes)), -Infinity);
    },
  };
};

/**
 * Writes a sandbox when its checkpoint is packed. It counts as changed until then, so that whoever
 * cannot wait writes it himself.
 */
const createSoon = (
  changed: ReadonlySet<Resident>,
  write: (resident: Resident, packed?: Uint8Array) => void,
  onFault: ArchiveOptions['onFault'],
) => {
  const packing = new Set<Resident>();
  const packAndWrite = async (resident: Resident, plain: Uint8Array): Promise<void> => {
    packing.add(resident);
    try {
      const packed = await packLent(plain);
      const isSame = resident.past.checkpoint === plain;
      if (changed.has(resident) && isSame) write(resident, packed);
    } catch (error) {
      onFault(`a sandbox cannot be packed: ${String(error)}`);
    } finally {
      packing.delete(resident);
    }
  };
  return (resident: Resident): void => {
    const { checkpoint } = resident.past;
    if (!checkpoint || !isPlain(checkpoint)) write(resident);
    else if (!packing.has(resident)) void packAndWrite(resident, checkpoint);
  };
};

/** Sandboxes that have changed are written every so often, a bounded number at a time. */
export const createArchive = (options: ArchiveOptions): Archive => {
  const { log, idleMs, onFault } = options;
  const images = createImages(options);
  const changed = new Set<Resident>();
  const write = (resident: Resident, packed?: Uint8Array): void => {
    changed.delete(resident);
    if (resident.gone) return;
    const { key, initDigest, past } = resident;
    const { image, journal } = past;
    const checkpoint = packed ?? past.checkpoint;
    const imageName = image && images.keep(image);
    const archived = { initDigest, imageName, checkpoint, journal, usedAt: Date.now() };
    const bytes = encodeSandbox(archived);
    images.wrote(bytes.length);
    void log.put(sandboxKey(key), bytes);
  };
  const writeSoon = createSoon(changed, write, onFault);
  const timer = setInterval(() => {
    let count = 0;
    for (const resident of changed) {
      if ((count += 1) > archiveLimits.writesPerTick) return;
      writeSoon(resident);
    }
  }, archiveLimits.tickMs);
  timer.unref();
  const read = async (key: string): Promise<Found | undefined> => {
    const bytes = await log.get(sandboxKey(key));
    if (!bytes) return undefined;
    const { initDigest, imageName, checkpoint, journal, usedAt } = decodeSandbox(bytes);
    if (Date.now() - usedAt > idleMs) return undefined;
    const image = imageName === undefined ? undefined : await images.load(imageName);
    if (imageName !== undefined && !image) throw new Error('its init image is gone');
    return { initDigest, past: { image, checkpoint, journal } };
  };
  return {
    has: (key) => log.has(sandboxKey(key)),
    async load(key) {
      try {
        return await read(key);
      } catch (error) {
        onFault(`a sandbox on disk cannot be had: ${String(error)}`);
        return undefined;
      }
    },
    touch(resident) {
      changed.add(resident);
    },
    flush(resident) {
      if (changed.has(resident)) write(resident);
    },
    remove(key) {
      if (log.has(sandboxKey(key))) log.remove(sandboxKey(key));
    },
    async close() {
      clearInterval(timer);
      for (const resident of changed) write(resident);
      await log.sync();
      await log.close();
    },
  };
};
