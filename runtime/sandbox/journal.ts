// What a sandbox has done since its last checkpoint. Evaluation is deterministic, so running the
// journal again on the checkpoint gives the sandbox as it is, bit for bit and at the same fuel.

import type { EvaluationLimits } from '../../contract/limits.ts';
import { journalLimits } from '../../contract/limits.ts';
import type { Stage } from '../../contract/outcome.ts';

/** One stage that ran, with all that decided what it did. */
export interface Entry {
  readonly stage: Stage;
  readonly source: string;
  readonly input?: string | undefined;
  readonly seed: bigint;
  readonly now: number;
  readonly limits: EvaluationLimits;
  /** What it used: running it again must use the same. */
  readonly fuel: number;
}

/** How much there would be to run again. */
export interface Weight {
  readonly entries: number;
  readonly fuel: number;
  readonly bytes: number;
}

/** Each holds the one before it, so that to add one costs the same however many there are. */
interface Link {
  readonly entry: Entry;
  readonly before: Link | undefined;
}

export interface Journal extends Weight {
  readonly last: Link | undefined;
}

export const emptyJournal: Journal = { last: undefined, entries: 0, fuel: 0, bytes: 0 };

/** Oldest first. */
export const entriesOf = ({ last }: Journal): readonly Entry[] => {
  const newestFirst: Entry[] = [];
  for (let link = last; link; link = link.before) newestFirst.push(link.entry);
  return newestFirst.toReversed();
};

const bytesOf = ({ source, input }: Entry): number =>
  journalLimits.entryBytes + 2 * (source.length + (input?.length ?? 0));

export const weightOf = (entries: readonly Entry[]): Weight => ({
  entries: entries.length,
  fuel: entries.reduce((sum, { fuel }) => sum + fuel, 0),
  bytes: entries.reduce((sum, entry) => sum + bytesOf(entry), 0),
});

export const sumOf = (a: Weight, b: Weight): Weight => ({
  entries: a.entries + b.entries,
  fuel: a.fuel + b.fuel,
  bytes: a.bytes + b.bytes,
});

export const append = (journal: Journal, entries: readonly Entry[]): Journal => ({
  last: entries.reduce<Link | undefined>((before, entry) => ({ entry, before }), journal.last),
  ...sumOf(journal, weightOf(entries)),
});

/** Whether a live sandbox has come so far that a roll-back would take too long. */
export const isDue = ({ entries, fuel, bytes }: Weight): boolean =>
  entries > journalLimits.entriesMax ||
  fuel > journalLimits.fuelMax ||
  bytes > journalLimits.bytesMax;

/** Whether running it again costs less than a copy of what it did. */
export const isLight = ({ entries, fuel, bytes }: Weight): boolean =>
  entries <= journalLimits.lightEntriesMax &&
  fuel <= journalLimits.lightFuelMax &&
  bytes <= journalLimits.lightBytesMax;
