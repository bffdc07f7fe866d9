// The queue of records on their way to the disk: written in batches, one write at a time, into the
// newest segment; when that is full, into the next.

import { stateLimits } from '../../contract/limits.ts';
import type { Segment } from './keydir.ts';
import { openSegmentFile, type Piece, type SegmentFile } from './segment-file.ts';

export interface WriterOptions {
  readonly folder: string;
  readonly binding: string;
  readonly segmentBytes: number;
  readonly nextId: number;
  readonly onSegment: (segment: Segment) => void;
  /** Whether new values have to wait until a compaction has made room for them. */
  readonly isCrowded: () => boolean;
  /** After each write, and after each that failed. */
  readonly onWritten: () => void;
  readonly onError: (error: unknown) => void;
}

export interface Writer {
  /** A new value. */
  readonly append: (piece: Piece) => void;
  /** What makes room: a copy, or a removal. It overtakes new values. */
  readonly appendFirst: (piece: Piece) => void;
  /** Bytes that wait to be written. */
  readonly pendingBytes: () => number;
  /** When all that makes room is on the disk itself. */
  readonly flush: () => Promise<void>;
  /** When all that was appended is on the disk itself, as far as it could be written. */
  readonly sync: () => Promise<void>;
  /** Looks again whether it is crowded. */
  readonly wake: () => void;
  /** As `sync`, and closes the segment. */
  readonly close: () => Promise<void>;
}

/** Pieces in order of arrival. */
const createQueue = () => {
  const pieces: Piece[] = [];
  let [appended, done, bytes] = [0, 0, 0];
  return {
    append(piece: Piece): void {
      pieces.push(piece);
      appended += 1;
      bytes += piece.recordBytes;
    },
    first: () => pieces[0],
    /** The first piece, and those that fit beside it. */
    take(bytesMax: number): readonly Piece[] {
      let [count, size] = [0, 0];
      for (const { recordBytes } of pieces) {
        size += recordBytes;
        if (count > 0 && (size > bytesMax || count === stateLimits.batchRecordsMax)) break;
        count += 1;
      }
      return pieces.splice(0, count);
    },
    settle(taken: readonly Piece[]): void {
      done += taken.length;
      bytes -= taken.reduce((sum, { recordBytes }) => sum + recordBytes, 0);
    },
    bytes: () => bytes,
    appended: () => appended,
    done: () => done,
  };
};
type Queue = ReturnType<typeof createQueue>;

/** Who waits for the disk, and until how much of the two queues is done. */
interface Waiting {
  readonly first: number;
  readonly values: number;
  readonly resolve: () => void;
}

/** The segment that is written to: the next one is begun when a record has no room in it. */
const createRoll = ({ folder, binding, segmentBytes, ...options }: WriterOptions) => {
  let { nextId } = options;
  let current: SegmentFile | undefined;
  const close = async (): Promise<void> => {
    const closing = current;
    current = undefined;
    await closing?.close().catch(options.onError);
  };
  return {
    close,
    async flush(): Promise<void> {
      try {
        await current?.flush();
      } catch (error) {
        options.onError(error);
        // The kernel no longer knows what it failed to write: the next record goes elsewhere.
        await close();
      }
    },
    /** The file, and how many bytes it takes beside the record. */
    async fileFor({ recordBytes }: Piece): Promise<readonly [SegmentFile, number]> {
      const isFull = current && current.segment.bytes + recordBytes > segmentBytes;
      if (isFull && !current?.isEmpty()) await close();
      if (!current) {
        // A number is used once, even when its segment came to nothing.
        nextId += 1;
        current = await openSegmentFile(folder, binding, nextId - 1);
        options.onSegment(current.segment);
      }
      return [current, segmentBytes - current.segment.bytes];
    },
  };
};

/** Starts `step` unless it is under way, and calls it until it says that nothing is left. */
const createLoop = (step: () => Promise<boolean>): (() => void) => {
  let [running, again] = [false, false];
  const run = async (): Promise<void> => {
    // What is asked for in one turn is done in one batch.
    await Promise.resolve();
    while (again) {
      again = false;
      while (await step());
    }
    running = false;
  };
  return () => {
    again = true;
    if (running) return;
    running = true;
    void run();
  };
};

export const createWriter = (options: WriterOptions): Writer => {
  const { onWritten, onError, isCrowded } = options;
  const roll = createRoll(options);
  const first = createQueue();
  const values = createQueue();
  let waiting: Waiting[] = [];
  let syncDue = false;
  let timer: NodeJS.Timeout | undefined;

  const writeFrom = async (queue: Queue, piece: Piece): Promise<void> => {
    let taken: readonly Piece[] = [];
    try {
      const [file, room] = await roll.fileFor(piece);
      taken = queue.take(Math.min(room, stateLimits.batchBytesMax));
      await file.append(taken);
    } catch (error) {
      onError(error);
      if (taken.length === 0) taken = queue.take(0);
      for (const each of taken) each.settled('failed');
    }
    queue.settle(taken);
    timer ??= setTimeout(() => {
      timer = undefined;
      syncDue = true;
      start();
    }, stateLimits.syncMs);
    onWritten();
  };
  const isReached = (one: Waiting): boolean =>
    one.first <= first.done() && one.values <= values.done();
  const syncNow = async (): Promise<void> => {
    syncDue = false;
    const reached = waiting.filter(isReached);
    waiting = waiting.filter((one) => !reached.includes(one));
    await roll.flush();
    for (const { resolve } of reached) resolve();
  };
  const start = createLoop(async () => {
    const [urgent, value] = [first.first(), values.first()];
    if (syncDue || waiting.some(isReached)) await syncNow();
    else if (urgent) await writeFrom(first, urgent);
    else if (value && !isCrowded()) await writeFrom(values, value);
    else return false;
    return true;
  });
  const wait = (until: Omit<Waiting, 'resolve'>): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ ...until, resolve });
      start();
    });
  const appendTo = (queue: Queue) => (piece: Piece) => {
    queue.append(piece);
    start();
  };
  const sync = () => wait({ first: first.appended(), values: values.appended() });
  return {
    append: appendTo(values),
    appendFirst: appendTo(first),
    pendingBytes: values.bytes,
    flush: () => wait({ first: first.appended(), values: 0 }),
    sync,
    wake: start,
    async close() {
      await sync();
      clearTimeout(timer);
      await roll.close();
    },
  };
};
