// Journals: what they weigh, when a checkpoint is due, and when running them again is cheap.

import test from 'ava';
import { evaluationLimits, journalLimits } from '../../../contract/limits.ts';
import {
  append,
  emptyJournal,
  entriesOf,
  isDue,
  isLight,
  type Entry,
} from '../../../runtime/sandbox/journal.ts';

const entry = (fuel: number, source = 's', input?: string): Entry => ({
  ...{ stage: 'SCRIPT', source, input, seed: 0n, now: 0, limits: evaluationLimits, fuel },
});

test('entries, fuel and texts add up', (t) => {
  const first = append(emptyJournal, [entry(5, 'abc')]);
  const journal = append(first, [entry(7, 'd', '[1]'), entry(0, '')]);
  const { last, ...weight } = journal;
  t.deepEqual(weight, { entries: 3, fuel: 12, bytes: 3 * journalLimits.entryBytes + 2 * 7 });
  t.deepEqual(last?.entry, entry(0, ''));
  t.deepEqual(entriesOf(journal), [entry(5, 'abc'), entry(7, 'd', '[1]'), entry(0, '')]);
  t.deepEqual(entriesOf(first), [entry(5, 'abc')], 'it is what it was');
});

test('a checkpoint is due by fuel, by entries and by texts, each alone', (t) => {
  t.false(isDue({ entries: 1, fuel: journalLimits.fuelMax, bytes: 1 }));
  t.true(isDue({ entries: 1, fuel: journalLimits.fuelMax + 1, bytes: 1 }));
  t.true(isDue({ entries: journalLimits.entriesMax + 1, fuel: 1, bytes: 1 }));
  t.true(isDue({ entries: 1, fuel: 1, bytes: journalLimits.bytesMax + 1 }));
});

test('light is far below due', (t) => {
  const { lightFuelMax: fuel, lightEntriesMax: entries, lightBytesMax: bytes } = journalLimits;
  t.true(isLight({ fuel, entries, bytes }));
  t.false(isLight({ fuel: fuel + 1, entries, bytes }));
  t.false(isLight({ fuel, entries: entries + 1, bytes }));
  t.false(isLight({ fuel, entries, bytes: bytes + 1 }));
  t.false(isDue({ fuel, entries, bytes }));
});
