// The books of live sandboxes: least recently used go first, busy ones never.

import test from 'ava';
import { createDirectory, surplus, type Resident } from '../../../runtime/worker/directory.ts';

const resident = (sandbox: number, change: Partial<Resident> = {}): Resident => ({
  key: String(sandbox),
  sandbox,
  initDigest: '',
  home: 0,
  memoryBytes: 10,
  busy: false,
  usedAt: 0,
  ...change,
});
const limits = { sandboxesMax: 64, sandboxesBytesMax: 1e9, sandboxIdleMs: 1 };

const named = (residents: readonly Resident[]) => residents.map(({ sandbox }) => sandbox);

test('surplus: the first in order go, until count and bytes are within bounds', (t) => {
  const all = [1, 2, 3, 4].map((sandbox) => resident(sandbox));
  t.deepEqual(named(surplus(all, 0, { countMax: 2, bytesMax: 100 })), [1, 2]);
  t.deepEqual(named(surplus(all, 0, { countMax: 9, bytesMax: 10 })), [1, 2, 3]);
  t.deepEqual(named(surplus(all, 0, { countMax: 4, bytesMax: 40 })), []);
});

test('surplus: busy sandboxes and those of other workers stay', (t) => {
  const all = [resident(1, { busy: true }), resident(2, { home: 1 }), resident(3)];
  t.deepEqual(named(surplus(all, 0, { countMax: 0, bytesMax: 0 })), [3]);
});

test('a sandbox just used is the last to go', (t) => {
  const directory = createDirectory(limits, 1);
  const entered = Array.from({ length: limits.sandboxesMax }, (_, index) =>
    directory.enter(`k${index}`, '', 0),
  );
  for (const one of entered) directory.touch(one, 1, 0);
  const [first, second] = entered;
  if (first) directory.touch(first, 1, 0);
  t.deepEqual(directory.makeRoom(0, 0), []);
  t.deepEqual(directory.makeRoom(0, 1), [second?.sandbox]);
  t.is(directory.find('k1'), undefined);
  t.is(directory.find('k0'), first);
});

test('a sandbox entered anew is another one: striking the old leaves it be', (t) => {
  const directory = createDirectory(limits, 1);
  const old = directory.enter('k', 'a', 0);
  const fresh = directory.enter('k', 'b', 1);
  directory.strike(old);
  t.is(directory.find('k'), fresh);
  t.not(old.sandbox, fresh.sandbox);
});

test('a lost worker takes its sandboxes with it and no others', (t) => {
  const directory = createDirectory(limits, 1);
  directory.enter('a', '', 0);
  const kept = directory.enter('b', '', 1);
  directory.strikeHome(0);
  t.is(directory.find('a'), undefined);
  t.is(directory.find('b'), kept);
  t.is(directory.countOf(0), 0);
});

test('those that nobody has used since are struck off, busy ones stay', (t) => {
  const directory = createDirectory(limits, 1);
  const [old, fresh, busy] = ['old', 'fresh', 'busy'].map((key) => directory.enter(key, '', 0));
  if (old) directory.touch(old, 1, 5);
  if (fresh) directory.touch(fresh, 1, 50);
  t.deepEqual(directory.strikeIdle(10), old ? [old] : []);
  t.deepEqual(directory.find('fresh'), fresh);
  t.deepEqual(directory.find('busy'), busy);
});
