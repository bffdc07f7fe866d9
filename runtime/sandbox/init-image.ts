// What an init_script left, kept so that the next sandbox of the same caller need not run it.

import type { Delta } from '../engine/base.ts';

/** What an answer tells of INIT, whether it ran or its image was used. */
export interface InitRun {
  readonly fuel: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** A delta over the boot image, in memory that every thread reads, and how it came about. */
export interface InitImage extends InitRun {
  readonly delta: Delta;
}

/** The same under the name by which the main thread speaks of it to the workers. */
export interface NamedImage extends InitImage {
  readonly id: number;
}
