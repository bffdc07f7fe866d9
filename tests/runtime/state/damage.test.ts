// Damaged folders: cut at any byte, any bit flipped. A log always opens, gives out nothing that was
// not put, and loses no more than what was damaged.

import test from 'ava';
import fc from 'fast-check';
import { readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyOf, filesOf, flipBit, openSmall, withFolder } from '../../helpers/state-folder.ts';

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

/** Opens a copy of a folder as it is now, damaged by `damage`. */
const onCopy = async <T>(
  folder: string,
  damage: (copy: string) => Promise<unknown>,
  look: (opened: Awaited<ReturnType<typeof openSmall>>, copy: string) => Promise<T>,
): Promise<T> => {
  const copy = await copyOf(folder);
  try {
    await damage(copy);
    const opened = await openSmall(copy);
    const seen = await look(opened, copy);
    await opened.log.close();
    return seen;
  } finally {
    await rm(copy, { recursive: true });
  }
};

test('cut at any byte: all that was written before the cut is there', async (t) => {
  await withFolder(async (folder) => {
    const { log } = await openSmall(folder);
    const ends: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      await log.put(`key ${i}`, bytes(200 + i * 100, i));
      const [path = ''] = await filesOf(folder, '.log');
      ends.push((await stat(path)).size);
    }
    const last = ends.at(-1) ?? 0;
    const cut = async (at: number): Promise<void> => {
      const truncateIt = async (copy: string) => truncate(join(copy, '0000000001.log'), at);
      await onCopy(folder, truncateIt, async (opened) => {
        const whole = ends.filter((end) => end <= at).length;
        if (opened.events[0]?.kind === 'set-aside') {
          t.true(at < (ends[0] ?? 0));
          return;
        }
        t.is([...opened.log.keys()].length, whole);
        for (let i = 0; i < whole; i += 1) {
          t.deepEqual(await opened.log.get(`key ${i}`), bytes(200 + i * 100, i));
        }
        const torn = at - (ends[whole - 1] ?? at);
        const told = opened.events.map((event) => 'bytes' in event && event.bytes);
        if (whole > 0) t.deepEqual(told, torn === 0 ? [] : [torn]);
      });
    };
    await fc.assert(fc.asyncProperty(fc.nat(last), cut), { numRuns: 150 });
    for (const end of ends) for (const at of [end - 1, end, end + 1]) await cut(Math.min(at, last));
    await log.close();
  });
});

for (const closed of [true, false]) {
  const state = closed ? 'closed' : 'left open';
  test(`any bit flipped, ${state}: at most what it was in is lost`, async (t) => {
    await withFolder(async (folder) => {
      const { log } = await openSmall(folder);
      for (let i = 0; i < 12; i += 1) await log.put(`key ${i}`, bytes(300, i));
      if (closed) await log.close();
      const flip = async (ending: string, share: number): Promise<void> => {
        const damage = async (copy: string): Promise<void> => {
          const [path] = await filesOf(copy, ending);
          if (path !== undefined) {
            await flipBit(path, Math.floor(share * (await stat(path)).size * 8));
          }
        };
        await onCopy(folder, damage, async ({ log: damaged, events }) => {
          let lost = 0;
          for (let i = 0; i < 12; i += 1) {
            const value = await damaged.get(`key ${i}`);
            lost += value ? 0 : 1;
            if (value) t.deepEqual(value, bytes(300, i));
          }
          const aside = events.some(({ kind }) => kind === 'set-aside');
          t.is(lost, ending === '.index' ? 0 : aside ? 12 : 1);
          t.is(events.length, ending === '.index' ? 0 : 1);
        });
      };
      await fc.assert(
        fc.asyncProperty(fc.constantFrom('.log', '.log', '.index'), fc.nat(9_999), (ending, n) =>
          flip(ending, n / 10_000),
        ),
        { numRuns: 150 },
      );
      await log.close();
    });
  });
}

test('any history, any damage, again and again: nothing that was not put', async (t) => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    length: fc.nat(2_000),
    what: fc.constantFrom('put', 'put', 'put', 'put', 'remove', 'flip', 'cut', 'no-index'),
    file: fc.nat(),
    at: fc.nat(),
  });
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
  const damage = async (folder: string, { what, file, at }: Step): Promise<void> => {
    const files = await filesOf(folder, what === 'no-index' ? '.index' : '');
    const path = files[file % files.length];
    if (path === undefined || !(await stat(path)).isFile()) return;
    const { size } = await stat(path);
    if (what === 'no-index') await rm(path);
    else if (what === 'cut') await truncate(path, at % (size + 1));
    else if (size > 0) await flipBit(path, at % (size * 8));
  };
  const check = async (list: readonly Step[], folder: string): Promise<void> => {
    const history = new Map<string, Uint8Array[]>();
    let { log } = await openSmall(folder);
    for (const [number, each] of list.entries()) {
      const { key, what, length } = each;
      if (what === 'put') {
        const value = bytes(length, number);
        history.set(key, [...(history.get(key) ?? []), value]);
        t.true(await log.put(key, value));
        t.deepEqual(await log.get(key), value);
      } else if (what === 'remove') {
        log.remove(key);
        t.is(await log.get(key), undefined);
      } else {
        await log.close();
        await damage(folder, each);
        ({ log } = await openSmall(folder));
      }
      for (const name of log.keys()) {
        const value = await log.get(name);
        const isKnown = history
          .get(name)
          ?.some((known) => Buffer.compare(known, value ?? known) === 0);
        t.true(isKnown, `${name} after ${what}`);
        t.is(log.has(name), value !== undefined);
      }
    }
    await log.close();
  };
  const steps = fc.array(step, { minLength: 10, maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(steps, (list) => withFolder((folder) => check(list, folder))),
    { numRuns: 60 },
  );
});

test('what looks like a record within a value is none, whatever is damaged', async (t) => {
  await withFolder(async (folder) => {
    const { log } = await openSmall(folder);
    await log.put('mine', bytes(50, 1));
    const [path = ''] = await filesOf(folder, '.log');
    const record = await readFile(path);
    await log.close();
    // A log of the attacker's own, and its bytes kept in a sandbox of another log.
    await withFolder(async (victim) => {
      const other = await openSmall(victim);
      await other.log.put('his', record);
      await other.log.put('next', bytes(20, 2));
      const damage = async (copy: string): Promise<void> => {
        const [target = ''] = await filesOf(copy, '.log');
        const at = (await readFile(target)).indexOf(record);
        const file = await readFile(target);
        file.fill(0, at - 8, at);
        await writeFile(target, file);
      };
      await onCopy(victim, damage, async (opened) => {
        t.deepEqual([...opened.log.keys()], ['next']);
        t.is(opened.events[0]?.kind, 'damaged');
      });
      await other.log.close();
    });
  });
});

test('a lost index is made again, and a part of one is no index', async (t) => {
  await withFolder(async (folder) => {
    const { log } = await openSmall(folder);
    for (let i = 0; i < 12; i += 1) await log.put(`key ${i}`, bytes(2_000, i));
    await log.close();
    const indexes = await filesOf(folder, '.index');
    t.true(indexes.length > 1);
    const before = await Promise.all(indexes.map((path) => readFile(path)));
    for (const path of indexes) await rm(path);
    await writeFile(join(folder, '0000000001.index.part'), 'x');
    const again = await openSmall(folder);
    t.is([...again.log.keys()].length, 12);
    await again.log.close();
    t.deepEqual(await Promise.all(indexes.map((path) => readFile(path))), before);
  });
});
