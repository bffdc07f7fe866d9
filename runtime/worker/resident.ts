// What the main thread remembers of one sandbox.

import type { NamedImage } from '../sandbox/init-image.ts';
import { emptyJournal, isLight, type Journal } from '../sandbox/journal.ts';
import { journalLimits } from '../../contract/limits.ts';

/** What a sandbox is: an init image or the boot image, a checkpoint over it, and calls since. */
export interface Past {
  readonly image: NamedImage | undefined;
  readonly checkpoint: Uint8Array | undefined;
  readonly journal: Journal;
}

export interface Resident {
  readonly key: string;
  /** Names the sandbox towards the workers; never used again. */
  readonly sandbox: number;
  initDigest: string;
  past: Past;
  /** `past` is what it is; false until its first call, or its way from the disk, has ended. */
  made: boolean;
  /** What it costs to make it again. */
  remakeMs: number;
  /** The worker in which it is live; undefined: it is dormant. */
  home: number | undefined;
  /** Bytes that its slot takes, as of its last call. */
  slotBytes: number;
  /** A call runs on it, or a worker copies it out. */
  busy: boolean;
  /** Its last call was too long for a trial. */
  slow: boolean;
  /** Fuel that its calls use on average; undefined until one has ended. */
  fuelMean: number | undefined;
  /** When it was last used, in milliseconds of a monotonic clock. */
  usedAt: number;
  /** It has been struck off. */
  gone: boolean;
}

export const newPast = (image?: NamedImage): Past => ({
  image,
  checkpoint: undefined,
  journal: emptyJournal,
});

/** What it costs, about, to make a sandbox again: to run its journal, and to copy what comes. */
export const remakeMsOf = ({ journal }: Past): number => {
  const { fuelPerMs, entryMs, copyMs } = journalLimits;
  const replayMs = journal.fuel / fuelPerMs + journal.entries * entryMs;
  return isLight(journal) ? replayMs : replayMs + copyMs;
};
