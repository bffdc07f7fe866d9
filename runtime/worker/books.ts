// All that the main thread knows of sandboxes, put together: the directory, who makes room in it,
// who follows sandboxes through their calls, and the archive on disk.

import type { SandboxLimits } from '../../contract/limits.ts';
import type { StateLog } from '../state/index.ts';
import { createArchive, noArchive } from './archive.ts';
import { createDirectory, type Directory } from './directory.ts';
import { newPast, type Past } from './resident.ts';
import { createInitImages } from './init-images.ts';
import { createPacking } from './packing.ts';
import { createRoom, type Room } from './room.ts';
import { createSandboxes, type Sandboxes } from './sandboxes.ts';
import type { Seat } from './seat.ts';
import type { Taken } from './snapshot.ts';

export interface BooksOptions {
  readonly workers: number;
  readonly limits: SandboxLimits;
  /** The pool's, present and future. */
  readonly seats: readonly Seat[];
  readonly state: StateLog | undefined;
  /** A sandbox that was on disk is here, or it cannot be had. */
  readonly onLoaded: () => void;
  readonly onFault: (cause: string) => void;
}

export interface Books extends Pick<Room, 'endIdle' | 'clear'> {
  readonly directory: Directory;
  readonly sandboxes: Sandboxes;
  /** Ends a sandbox, wherever it is; false when there is none. */
  readonly forget: (key: string) => boolean;
  /** What a sandbox of this init_script that is in memory is, as of its last answer. */
  readonly pastOf: (key: string, initDigest: string) => Past | undefined;
  /** Sandboxes kept, and the bytes that they take beside the memory of live ones. */
  readonly kept: () => { readonly sandboxes: number; readonly bytes: number };
  /** Enters a sandbox that was made elsewhere; one of the same key ends. */
  readonly adopt: (key: string, initDigest: string, past: Taken['past']) => void;
  readonly close: () => Promise<void>;
}

export const createBooks = (options: BooksOptions): Books => {
  const { workers, limits, seats, state, onLoaded, onFault } = options;
  const images = createInitImages();
  const idleMs = limits.sandboxIdleMs;
  const archive = state ? createArchive({ log: state, images, idleMs, onFault }) : noArchive;
  const directory = createDirectory(limits, workers);
  const packMore = createPacking(directory, limits.sandboxesBytesMax);
  const room = createRoom(directory, seats, archive, packMore);
  return {
    directory,
    sandboxes: createSandboxes({ directory, room, archive, images, onLoaded }),
    endIdle: room.endIdle,
    clear: room.clear,
    forget(key) {
      const resident = directory.find(key);
      const known = resident !== undefined || archive.has(key);
      if (resident) room.end(resident);
      else archive.remove(key);
      return known;
    },
    pastOf(key, initDigest) {
      const resident = directory.find(key);
      return resident?.made && resident.initDigest === initDigest ? resident.past : undefined;
    },
    kept: () => ({ sandboxes: directory.count(), bytes: directory.bytes() }),
    adopt(key, initDigest, { image, ...past }) {
      const before = directory.find(key);
      if (before) room.end(before);
      const named = image && images.name(image);
      const resident = directory.enter(key, initDigest, newPast(named));
      directory.remember(resident, { ...past, image: named });
      resident.busy = false;
      resident.usedAt = performance.now();
      archive.touch(resident);
      room.trim();
    },
    close: archive.close,
  };
};
