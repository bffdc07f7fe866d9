// Puts and removals on their way to the disk: each is written unless a newer one overtakes it, and
// a removal that the disk refused is tried again until it is there.

import { stateLimits } from '../../contract/limits.ts';
import type { Entry, Keydir, Removal } from './keydir.ts';
import { encodeHead, kinds } from './record.ts';
import type { Writer } from './writer.ts';

export interface Appender {
  /** False if the disk refused. What was overtaken by a newer put fares as that does. */
  readonly entry: (key: string, entry: Entry, value: Uint8Array) => Promise<boolean>;
  /**
   * The same record once more, elsewhere, or before its turn; true also if something newer makes it
   * needless.
   */
  readonly copy: Appender['entry'];
  readonly removal: (key: string, removal: Removal) => Promise<boolean>;
  readonly end: () => void;
}

const none = new Uint8Array();

export const createAppender = (
  keydir: Keydir,
  writer: Pick<Writer, 'append' | 'appendFirst'>,
): Appender => {
  const owed = new Map<string, Removal>();
  let timer: NodeJS.Timeout | undefined;

  const writeRemoval = (key: string, removal: Removal): Promise<boolean> =>
    new Promise((resolve) => {
      const record = { kind: kinds.remove, key, seq: removal.seq };
      writer.appendFirst({
        record,
        recordBytes: removal.recordBytes,
        parts: [encodeHead(record, none)],
        wanted: () => keydir.removals.get(key) === removal,
        settled(fate) {
          if (fate === 'failed') owe(key, removal);
          else if (fate !== 'stale') keydir.placeRemoval(key, removal, fate.segment);
          resolve(fate !== 'failed');
        },
      });
    });
  const retry = (): void => {
    timer = undefined;
    const all = [...owed];
    owed.clear();
    for (const [key, removal] of all) void writeRemoval(key, removal);
  };
  const owe = (key: string, removal: Removal): void => {
    if (keydir.removals.get(key) !== removal) return;
    owed.set(key, removal);
    timer ??= setTimeout(retry, stateLimits.retryMs).unref();
  };
  const writeEntry =
    (append: Writer['append'], isCopy: boolean) =>
    (key: string, entry: Entry, value: Uint8Array): Promise<boolean> =>
      new Promise((resolve) => {
        const record = { kind: kinds.put, key, seq: entry.seq };
        // A compaction that could not wait for it may have written it before its turn.
        const isDue = (): boolean => isCopy || entry.segment === undefined;
        const newest = () => (isCopy ? undefined : keydir.entries.get(key)?.written);
        append({
          record,
          recordBytes: entry.recordBytes,
          parts: [encodeHead(record, value), value],
          wanted: () => keydir.entries.get(key) === entry && isDue(),
          settled(fate) {
            if (typeof fate === 'object') {
              keydir.placeEntry(key, entry, fate.segment, fate.offset);
            }
            resolve(fate === 'stale' ? (newest() ?? true) : fate !== 'failed');
          },
        });
      });
  return {
    entry: writeEntry(writer.append, false),
    copy: writeEntry(writer.appendFirst, true),
    removal: writeRemoval,
    end() {
      clearTimeout(timer);
    },
  };
};
