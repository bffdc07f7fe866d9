// The books of sandboxes: least recently used ones rest and go first, busy ones never.

import test from 'ava';
import { poolLimits } from '../../../contract/limits.ts';
import { createDirectory } from '../../../runtime/worker/directory.ts';
import { newPast, type Resident } from '../../../runtime/worker/resident.ts';

const limits = { sandboxesMax: 4, sandboxesBytesMax: 1e9, sandboxIdleMs: 1 };

const books = (change: Partial<typeof limits> = {}) => {
  const directory = createDirectory({ ...limits, ...change }, 1);
  let now = 0;
  const enter = (key: string, memoryBytes = 1, home = 0): Resident => {
    const resident = directory.enter(key, '', newPast());
    resident.busy = false;
    directory.settle(resident, home, memoryBytes, (now += 1));
    return resident;
  };
  return { directory, enter };
};

test('the least recently used sandbox is the first that there is no room for', (t) => {
  const { directory, enter } = books();
  const [a, b] = ['a', 'b', 'c', 'd'].map((key) => enter(key));
  t.is(directory.surplus(), undefined);
  enter('e');
  t.is(directory.surplus(), a);
  if (a) directory.settle(a, 0, 1, 9);
  t.is(directory.surplus(), b);
  if (b) b.busy = true;
  t.is(directory.surplus()?.key, 'c');
});

test('a worker keeps so many live and so many bytes; those in others do not count', (t) => {
  const { directory, enter } = books({ sandboxesMax: 1_000, sandboxesBytesMax: 1_000 });
  const first = enter('first', 300);
  enter('elsewhere', 400, 1);
  t.is(directory.tired(0), undefined);
  enter('second', 300);
  t.is(directory.tired(0), first);
  directory.unsettle(first);
  t.is(directory.tired(0), undefined);
  t.is(directory.find('first'), first, 'it is dormant, not gone');
  const heavy = { ...newPast(), checkpoint: new Uint8Array(1) };
  for (let index = 0; index < poolLimits.livePerWorkerMax; index++) {
    directory.remember(enter(`k${index}`, 0), heavy);
  }
  t.is(directory.tired(0)?.key, 'second');
});

test('those that are made again in a moment rest before those that are not', (t) => {
  const { directory, enter } = books({ sandboxesMax: 1_000 });
  const dear = enter('dear');
  directory.remember(dear, { ...newPast(), checkpoint: new Uint8Array(1) });
  for (let index = 0; index < poolLimits.liveCheapPerWorkerMax; index++) enter(`k${index}`);
  t.is(directory.tired(0), undefined);
  const last = enter('last');
  t.is(directory.tired(0)?.key, 'k0');
  directory.remember(last, dear.past);
  t.is(directory.tired(0), undefined, 'another has become dear');
});

test('bytes of checkpoints and journals count, and are given back', (t) => {
  const { directory, enter } = books({ sandboxesBytesMax: 2 * 10_000 });
  const resident = enter('a');
  const empty = directory.bytes();
  directory.remember(resident, { ...newPast(), checkpoint: new Uint8Array(20_000) });
  t.is(directory.bytes(), empty + 20_000);
  t.is(directory.surplus(), resident);
  directory.strike(resident);
  directory.strike(resident);
  directory.remember(resident, newPast());
  t.deepEqual([directory.bytes(), directory.count()], [0, 0]);
  t.true(resident.gone);
});

test('an init image counts once, as long as any sandbox holds it', (t) => {
  const { directory, enter } = books({ sandboxesBytesMax: 2 * 20_000 });
  const delta = {
    ...{ places: new Uint32Array(), blocks: new Uint8Array(15_000), globals: [], memoryBytes: 0 },
  };
  const image = { id: 1, fuel: 1, stdout: new Uint8Array(), stderr: new Uint8Array(), delta };
  const [a, b] = [enter('a'), enter('b')];
  const bare = directory.bytes();
  for (const one of [a, b]) directory.remember(one, newPast(image));
  t.is(directory.bytes(), bare + 15_000);
  directory.remember(enter('c'), newPast({ ...image, id: 2 }));
  t.is(directory.surplus(), a, 'two images are too many');
  directory.strike(a);
  t.true(directory.bytes() > 30_000);
  directory.strike(b);
  t.true(directory.bytes() < 20_000);
});

test('a sandbox entered anew is another one: striking the old leaves it be', (t) => {
  const { directory, enter } = books();
  const old = enter('k');
  directory.strike(old);
  const fresh = enter('k');
  directory.strike(old);
  t.is(directory.find('k'), fresh);
  t.not(old.sandbox, fresh.sandbox);
});

test('those live in a worker are known, and only they', (t) => {
  const { directory, enter } = books();
  const [a, b] = [enter('a', 1, 0), enter('b', 1, 1)];
  t.deepEqual([directory.liveIn(0), directory.liveIn(1)], [[a], [b]]);
  directory.settle(a, 1, 1, 5);
  t.deepEqual([directory.liveIn(0), directory.liveIn(1)], [[], [b, a]]);
});

test('the one that nobody has used for longest is idle, busy ones are not', (t) => {
  const { directory, enter } = books();
  const [old, young] = [enter('old'), enter('young')];
  t.is(directory.idle(1), undefined);
  t.is(directory.idle(2), old);
  old.busy = true;
  t.is(directory.idle(2), undefined);
  t.is(directory.idle(3), young);
});
