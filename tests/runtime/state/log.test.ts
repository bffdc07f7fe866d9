// The state log as its user sees it: what was put comes back, also after a reopening, within the
// bound; folders that others could change or that are in use are refused.

import test from 'ava';
import fc from 'fast-check';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateLimits } from '../../../contract/limits.ts';
import { FolderBusy, FolderRefused } from '../../../runtime/state/index.ts';
import { filesOf, openSmall, withFolder } from '../../helpers/state-folder.ts';

const bytes = (length: number, fill = 1): Uint8Array => new Uint8Array(length).fill(fill);

type Step =
  | { readonly kind: 'put'; readonly key: string; readonly length: number }
  | { readonly kind: 'remove'; readonly key: string }
  | { readonly kind: 'wait' | 'reopen' };

// A lone surrogate is a string like any other to the one who names his sandbox so.
const keys = fc.constantFrom('a', 'b', '', '\ud800', '\udfff', 'é'.repeat(100));
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ kind: fc.constant('put' as const), key: keys, length: fc.nat(3_000) }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), key: keys }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
  ),
  { minLength: 20, maxLength: 150 },
);

test('any puts, removals and reopenings: the log is a map', async (t) => {
  const check = async (list: readonly Step[], folder: string): Promise<void> => {
    const model = new Map<string, Uint8Array>();
    let { log, events } = await openSmall(folder);
    let count = 0;
    for (const step of list) {
      count += 1;
      if (step.kind === 'put') {
        const value = bytes(step.length, count);
        model.delete(step.key);
        model.set(step.key, value);
        // Not awaited: puts overtake one another.
        void log.put(step.key, value);
      } else if (step.kind === 'remove') {
        model.delete(step.key);
        log.remove(step.key);
      } else if (step.kind === 'wait') await log.sync();
      else {
        await log.close();
        ({ log, events } = await openSmall(folder));
      }
    }
    t.deepEqual([...log.keys()], [...model.keys()]);
    for (const [key, value] of model) t.deepEqual(await log.get(key), value);
    t.deepEqual(events, []);
    await log.close();
    t.true(log.bytes() < 100 * 1024);
  };
  await fc.assert(
    fc.asyncProperty(steps, (list) => withFolder((folder) => check(list, folder))),
    { numRuns: 60 },
  );
});

test('a value may be empty, and comes back as memory of its own', async (t) => {
  await withFolder(async (folder) => {
    const { log } = await openSmall(folder);
    t.true(await log.put('none', bytes(0)));
    void log.put('some', bytes(9));
    const pending = await log.get('some');
    pending?.fill(5);
    t.deepEqual(await log.get('some'), bytes(9));
    await log.sync();
    const read = await log.get('some');
    t.is(read?.buffer.byteLength, 9);
    t.deepEqual(await log.get('none'), bytes(0));
    t.is(await log.get('other'), undefined);
    t.true(log.has('none') && !log.has('other'));
    await log.close();
    t.false(await log.put('late', bytes(1)));
  });
});

test('the oldest keys go when the log is full, and it stays within its bound', async (t) => {
  await withFolder(async (folder) => {
    const { log, events } = await openSmall(folder);
    for (let i = 0; i < 400; i += 1) t.true(await log.put(`key ${i}`, bytes(1_000, i)));
    const kept = [...log.keys()];
    t.deepEqual(
      kept,
      Array.from({ length: kept.length }, (_, i) => `key ${400 - kept.length + i}`),
    );
    t.true(kept.length > 30);
    await log.close();
    t.true(log.bytes() <= 64 * 1024 + 10_000, String(log.bytes()));
    t.is(events[0]?.kind, 'evicted');
    const evicted = events.map((event) => (event.kind === 'evicted' ? event.times : 0));
    t.is(
      evicted.reduce((sum, times) => sum + times),
      400 - kept.length,
    );
    const again = await openSmall(folder);
    t.deepEqual([...again.log.keys()], kept);
    await again.log.close();
  });
});

test('what was removed does not come back, however often the log is reopened', async (t) => {
  await withFolder(async (folder) => {
    for (let round = 0; round < 30; round += 1) {
      const { log, events } = await openSmall(folder);
      t.deepEqual([...log.keys()], round === 0 ? [] : [`kept ${round - 1}`]);
      t.deepEqual(events, []);
      for (const key of ['a', 'b', 'c']) await log.put(`${key} ${round}`, bytes(2_000));
      for (const key of log.keys()) log.remove(key);
      await log.put(`kept ${round}`, bytes(500));
      await log.close();
    }
  });
});

test('removals are forgotten when nothing is left that they could be of', async (t) => {
  await withFolder(async (folder) => {
    const { log } = await openSmall(folder, { bytesMax: 16 * 1024 * 1024 });
    await log.put('stays', bytes(100));
    for (let i = 0; i < 5 * stateLimits.removalsMin; i += 1) {
      void log.put(`key ${i}`, bytes(300));
      if (i % 500 === 0) await log.sync();
      log.remove(`key ${i - 250}`);
    }
    await log.close();
    t.true(log.bytes() < 8 * 1024 * 1024, String(log.bytes()));
    t.true(log.has('stays'));
  });
});

test('what is too large is not kept, and neither is what was there before', async (t) => {
  await withFolder(async (folder) => {
    const { log, events } = await openSmall(folder);
    await log.put('a', bytes(10));
    t.false(await log.put('a', bytes(40_000)));
    t.false(log.has('a'));
    t.false(await log.put('k'.repeat(stateLimits.keyCharsMax + 1), bytes(1)));
    t.true(await log.put('k'.repeat(stateLimits.keyCharsMax), bytes(1)));
    await log.close();
    t.deepEqual(
      events.map((event) => [event.kind, 'times' in event && event.times]),
      [
        ['not-kept', 1],
        ['not-kept', 1],
      ],
    );
    const again = await openSmall(folder);
    t.false(again.log.has('a'));
    await again.log.close();
  });
});

test('values of another engine are set aside, whole and unread', async (t) => {
  await withFolder(async (folder) => {
    const first = await openSmall(folder);
    await first.log.put('a', bytes(10));
    await first.log.close();
    const [path = ''] = await filesOf(folder, '.log');
    const before = await readFile(path);
    const other = await openSmall(folder, { binding: 'engine 2' });
    t.like(other.events, [{ kind: 'set-aside', reason: 'bound to engine 1, not engine 2' }]);
    t.deepEqual([...other.log.keys()], []);
    await other.log.put('a', bytes(20));
    await other.log.close();
    const third = await openSmall(folder);
    t.is(third.events.length, 1);
    t.deepEqual([...third.log.keys()], []);
    await third.log.close();
    const aside = await filesOf(join(folder, 'set-aside'), '.log');
    t.is(aside.length, 2);
    t.deepEqual(await readFile(aside[0] ?? ''), before);
  });
});

test('the longest binding is known again, and a longer one is refused', async (t) => {
  const binding = 'b'.repeat(stateLimits.bindingBytesMax);
  await withFolder(async (folder) => {
    const first = await openSmall(folder, { binding });
    await first.log.put('k', bytes(10, 1));
    await first.log.close();
    const second = await openSmall(folder, { binding });
    t.deepEqual(await second.log.get('k'), bytes(10, 1));
    t.deepEqual(second.events, []);
    await second.log.close();
    await t.throwsAsync(openSmall(folder, { binding: `${binding}b` }), { instanceOf: RangeError });
  });
});

test('files are for their owner alone', async (t) => {
  await withFolder(async (parent) => {
    const folder = join(parent, 'a', 'b');
    const { log } = await openSmall(folder);
    await log.put('a', bytes(9));
    await log.close();
    const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
    t.is(await modeOf(folder), 0o700);
    for (const ending of ['.log', '.index', 'lock']) {
      const [path = ''] = await filesOf(folder, ending);
      t.is(await modeOf(path), 0o600, path);
    }
  });
});

test('a folder that others may write to is refused, also behind a symbolic link', async (t) => {
  await withFolder(async (parent) => {
    const open = join(parent, 'open');
    await mkdir(open);
    await symlink(open, join(parent, 'link'));
    for (const mode of [0o770, 0o707, 0o777]) {
      await chmod(open, mode);
      for (const path of [open, join(parent, 'link')]) {
        const error = await t.throwsAsync(openSmall(path), { instanceOf: FolderRefused });
        t.regex(error.message, /others may write to .*chmod 700/);
      }
    }
    await writeFile(join(parent, 'file'), '');
    await t.throwsAsync(openSmall(join(parent, 'file')), { instanceOf: FolderRefused });
  });
  // A folder that cannot be: its file system has none but its own.
  for (const path of ['/proc/none', '/proc/none/deep/er', '/dev/null/x']) {
    const { message } = await t.throwsAsync(openSmall(path), { instanceOf: FolderRefused });
    t.regex(message, /cannot be made/);
  }
  // Whoever runs this: one of these belongs to another user, or may be written to by all.
  await t.throwsAsync(openSmall(process.geteuid?.() === 0 ? '/tmp' : '/'), {
    instanceOf: FolderRefused,
  });
});

test('a second log of a folder is refused until the first is closed', async (t) => {
  await withFolder(async (folder) => {
    const { log } = await openSmall(folder);
    for (let i = 0; i < 3; i += 1) {
      await t.throwsAsync(openSmall(folder), { instanceOf: FolderBusy });
    }
    await log.close();
    // Whatever lies where the lock should be.
    await writeFile(join(folder, 'lock'), 'not a lock'.repeat(100));
    const again = await openSmall(folder);
    await t.throwsAsync(openSmall(folder), { instanceOf: FolderBusy });
    await again.log.close();
  });
});

const child = new URL('../../helpers/state-child.ts', import.meta.url).pathname;

test('a process keeps others out, and its lock dies with it', async (t) => {
  await withFolder(async (folder) => {
    const process_ = spawn(process.execPath, [child, folder, 'hold'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(process_.stdout, 'data');
    await t.throwsAsync(openSmall(folder), { instanceOf: FolderBusy });
    process_.kill('SIGKILL');
    await once(process_, 'exit');
    const { log } = await openSmall(folder);
    t.deepEqual([...log.keys()], ['held']);
    await log.close();
  });
});

test('a disk that takes no more: nothing is thrown, what was kept stays', async (t) => {
  await withFolder(async (folder) => {
    // No file may grow beyond 64 blocks: a refusal by the real kernel, in the middle of a write.
    const limited = `trap '' XFSZ; ulimit -f 64; exec "$0" "$1" "$2" full`;
    const process_ = spawn('sh', ['-c', limited, process.execPath, child, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said: Buffer[] = [];
    process_.stdout.on('data', (data: Buffer) => said.push(data));
    const [code] = (await once(process_, 'close')) as [number];
    t.is(code, 0);
    const { kept, lost, events, later } = JSON.parse(Buffer.concat(said).toString()) as {
      kept: string[];
      lost: string[];
      later: boolean;
      events: { kind: string }[];
    };
    t.true(kept.length > 10 && lost.length > 10);
    // There is room again for what is small.
    t.true(later);
    t.is(events[0]?.kind, 'write-failed');
    t.true(events.length <= 2);
    const { log } = await openSmall(folder, { bytesMax: 100 * 1024 * 1024 });
    t.deepEqual([...log.keys()], [...kept, 'small']);
    for (const key of kept) t.deepEqual(await log.get(key), bytes(1_000));
    await log.close();
  });
});
