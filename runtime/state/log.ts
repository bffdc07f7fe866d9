// The state log: values by key that outlive the process, within a bound on the disk.

import { stateLimits } from '../../contract/limits.ts';
import { createAppender } from './append.ts';
import { createCompactor } from './compact.ts';
import { createTeller, messageOf, type StateEvent } from './event.ts';
import { secureFolder } from './folder.ts';
import type { Entry } from './keydir.ts';
import { lockFolder } from './lock.ts';
import { createReader } from './read.ts';
import { sizeOfRecord } from './record.ts';
import { recover, type Recovered } from './recover.ts';
import { bytesOf } from './victim.ts';
import { createWriter } from './writer.ts';

export interface StateLog {
  /**
   * Keeps a value, which must not be changed from now on. True when the file system has it: it
   * survives this process, and a second later a power cut. False, and nothing is kept under the
   * key, when the disk refuses or is behind, or key or value are too large. Never rejects.
   */
  readonly put: (key: string, value: Uint8Array) => Promise<boolean>;
  readonly remove: (key: string) => void;
  /** Nothing if there is none, or if it is damaged: then the key is struck off. Never rejects. */
  readonly get: (key: string) => Promise<Uint8Array | undefined>;
  readonly has: (key: string) => boolean;
  /** Least recently put first. */
  readonly keys: () => Iterable<string>;
  /** The bound on its bytes. */
  readonly bytesMax: number;
  /** Bytes of its files, what is set aside not counted. */
  readonly bytes: () => number;
  /** When all that was put and removed before is on the disk itself. */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface StateLogOptions {
  readonly folder: string;
  /** What values mean: an engine's digest. Segments with another one are set aside, not loaded. */
  readonly binding: string;
  /** Bytes on disk. Exceeded by no more than a segment or a value, while one is being compacted. */
  readonly bytesMax: number;
  readonly log: (event: StateEvent) => void;
}

/** Not the time of day, which may be set back by hours. */
const now = (): number => performance.now();

const createTellers = (log: StateLogOptions['log']) => ({
  evicted: createTeller((times) => {
    log({ kind: 'evicted', times });
  }, now),
  failed: createTeller((times, error) => {
    log({ kind: 'write-failed', times, error });
  }, now),
  notKept: createTeller((times) => {
    log({ kind: 'not-kept', times });
  }, now),
});

/** What works on the folder: writing, reading back, compacting. */
const createParts = (options: StateLogOptions, recovered: Recovered) => {
  const { folder, binding, bytesMax, log } = options;
  const { keydir, segments, nextId } = recovered;
  const segmentBytes = Math.min(stateLimits.segmentBytes, bytesMax * stateLimits.segmentShareMax);
  const tellers = createTellers(log);
  const onError = (error: unknown): void => {
    tellers.failed.met(messageOf(error));
  };
  let { seq } = recovered;
  const nextSeq = (): number => (seq += 1);
  const writer = createWriter({
    ...{ folder, binding, segmentBytes, nextId, onError },
    onSegment: (segment) => segments.push(segment),
    isCrowded: () => compactor.isBusy() && bytesOf(segments) > bytesMax,
    onWritten: () => {
      compactor.look();
    },
  });
  const append = createAppender(keydir, writer);
  const drop = (key: string): void => {
    const recordBytes = sizeOfRecord(key, 0);
    const removal = { seq: nextSeq(), recordBytes, segment: undefined };
    keydir.remove(key, removal);
    void append.removal(key, removal);
  };
  const read = createReader({ folder, keydir, drop, tell: log });
  const { flush, wake: onDone } = writer;
  const compactor = createCompactor({
    ...{ folder, keydir, segments, bytesMax, segmentBytes, read, append, flush, onError, onDone },
  });
  const close = async (): Promise<void> => {
    await compactor.end();
    writer.wake();
    append.end();
    await writer.close();
    for (const { end } of Object.values(tellers)) end();
  };
  return { keydir, segments, tellers, nextSeq, writer, append, drop, read, compactor, close };
};

const createLog = (
  options: StateLogOptions,
  recovered: Recovered,
  unlock: () => void,
): StateLog => {
  const parts = createParts(options, recovered);
  const { keydir, segments, tellers, nextSeq, writer, append, drop, read } = parts;
  const liveBytesMax = options.bytesMax * stateLimits.liveShareMax;
  let closing: Promise<void> | undefined;
  const evict = (): void => {
    for (const key of keydir.entries.keys()) {
      if (keydir.liveBytes() <= liveBytesMax) return;
      drop(key);
      tellers.evicted.met();
    }
  };
  const fits = (key: string, value: Uint8Array): boolean => {
    const { keyCharsMax, valueBytesMax, pendingBytesMax } = stateLimits;
    if (key.length > keyCharsMax || value.length > valueBytesMax) return false;
    const bytes = sizeOfRecord(key, value.length);
    return bytes <= liveBytesMax / 2 && writer.pendingBytes() + bytes <= pendingBytesMax;
  };
  const put: StateLog['put'] = async (key, value) => {
    if (closing) return false;
    if (!fits(key, value)) {
      tellers.notKept.met();
      if (keydir.entries.has(key)) drop(key);
      return false;
    }
    const recordBytes = sizeOfRecord(key, value.length);
    const unwritten = { segment: undefined, offset: 0, over: undefined, written: undefined };
    const entry: Entry = { seq: nextSeq(), recordBytes, value, ...unwritten };
    const isNew = !keydir.entries.has(key) && !keydir.removals.has(key);
    keydir.put(key, entry);
    entry.written = append.entry(key, entry, value);
    evict();
    if (await entry.written) return true;
    if (keydir.entries.get(key) !== entry) return false;
    // An older put must not come back in its place.
    if (isNew) keydir.forgetEntry(key);
    else drop(key);
    return false;
  };
  evict();
  parts.compactor.look();
  return {
    put,
    remove(key) {
      if (!closing && keydir.entries.has(key)) drop(key);
    },
    get: async (key) => (closing ? undefined : read(key)),
    has: (key) => keydir.entries.has(key),
    keys: () => keydir.entries.keys(),
    bytesMax: options.bytesMax,
    bytes: () => bytesOf(segments),
    sync: writer.sync,
    close: () => (closing ??= parts.close().finally(unlock)),
  };
};

/**
 * Opens the log of a folder, which is made if it is not there.
 *
 * @throws RangeError if the binding is longer than a segment's header can tell
 * @throws FolderRefused if others could write to the folder
 * @throws FolderBusy if another process has it open
 */
export const openStateLog = async (options: StateLogOptions): Promise<StateLog> => {
  const bindingBytes = Buffer.byteLength(options.binding);
  if (bindingBytes > stateLimits.bindingBytesMax) {
    throw new RangeError(
      `binding: expected at most ${stateLimits.bindingBytesMax} bytes, got ${bindingBytes}`,
    );
  }
  const folder = await secureFolder(options.folder);
  const unlock = await lockFolder(folder);
  try {
    const recovered = await recover(folder, options.binding, options.log);
    return createLog({ ...options, folder }, recovered, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
};
