// Init images by who may use them, and which of them each worker knows. An image is used for its
// own caller alone: how long an answer takes would tell others what he runs.

import { initImageLimits } from '../../contract/limits.ts';
import type { InitImage, NamedImage } from '../sandbox/init-image.ts';

export interface InitImages {
  /** The image of an init_script under this key whose INIT may use `fuelMax`. */
  readonly find: (key: string, fuelMax: number) => NamedImage | undefined;
  readonly keep: (key: string, image: InitImage) => NamedImage;
  /** Only gives it a name: sandboxes hold it that were made from it. */
  readonly name: (image: InitImage) => NamedImage;
}

/** Least recently used images go first, by number and by bytes; sandboxes hold theirs on. */
export const createInitImages = (): InitImages => {
  const images = new Map<string, NamedImage>();
  let last = 0;
  let bytes = 0;
  const drop = (key: string): void => {
    bytes -= images.get(key)?.delta.blocks.length ?? 0;
    images.delete(key);
  };
  const name = (image: InitImage): NamedImage => ({ ...image, id: (last += 1) });
  return {
    name,
    find(key, fuelMax) {
      const image = images.get(key);
      if (!image) return undefined;
      images.delete(key);
      images.set(key, image);
      // A run would end in OUT_OF_FUEL, so it is run.
      return image.fuel <= fuelMax ? image : undefined;
    },
    keep(key, image) {
      drop(key);
      const named = name(image);
      images.set(key, named);
      bytes += image.delta.blocks.length;
      for (const oldest of images.keys()) {
        if (bytes <= initImageLimits.bytesMax && images.size <= initImageLimits.imagesMax) break;
        drop(oldest);
      }
      return named;
    },
  };
};

/** What a worker is to be told before it can use an image. */
export interface Lesson {
  readonly learn: readonly NamedImage[];
  readonly unlearn: readonly number[];
}

/** The images that one worker knows, in order of last use. */
export const createKnownImages = () => {
  /** Bytes of each. */
  const known = new Map<number, number>();
  let bytes = 0;
  const drop = (id: number): void => {
    bytes -= known.get(id) ?? 0;
    known.delete(id);
  };
  return {
    teach(image: NamedImage | undefined): Lesson {
      if (!image) return { learn: [], unlearn: [] };
      const isNew = !known.has(image.id);
      drop(image.id);
      known.set(image.id, image.delta.blocks.length);
      bytes += image.delta.blocks.length;
      const unlearn: number[] = [];
      for (const oldest of known.keys()) {
        const { perWorkerMax, perWorkerBytesMax } = initImageLimits;
        const fits = known.size <= perWorkerMax && bytes <= perWorkerBytesMax;
        if (fits || oldest === image.id) break;
        drop(oldest);
        unlearn.push(oldest);
      }
      return { learn: isNew ? [image] : [], unlearn };
    },
  };
};
