// Sandboxes that outlive the process: engines one after another on one folder, with real scripts.

import { statSync } from 'node:fs';
import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { archiveLimits, hostFunctionLimits } from '../../../contract/limits.ts';
import { createEngine, type Engine, type EngineOptions } from '../../../runtime/index.ts';
import { resultOf } from '../../helpers/engine.ts';
import { filesOf } from '../../helpers/state-folder.ts';

const withFolder = async (run: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-archive-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** Until so much lies there: what a sandbox has left is packed first, which may take a while. */
const filled = async (folder: string, bytes: number): Promise<void> => {
  for (;;) {
    // A segment may have gone since its folder was read.
    const sizes = (await filesOf(folder, '.log')).map(
      (file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0,
    );
    if (sizes.reduce((sum, size) => sum + size, 0) >= bytes) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

const events: string[] = [];
const open = (folder: string, options: EngineOptions = {}): Promise<Engine> =>
  createEngine({
    ...{ workers: 1, state: { folder } },
    log: ({ event, cause }) => events.push(`${event} ${cause}`),
    ...options,
  });

const heavy =
  'const table = []; for (let i = 0; i < 2000; i++) table.push({ i, s: "v" + i }); let n = 0;';

test('a restart finds each sandbox as its last answer left it', async (t) => {
  await withFolder(async (folder) => {
    const call = (engine: Engine, id: string, init_script: string, script: string) =>
      engine.evaluate({ sandbox_id: id, init_script, script, seed: 1, now: 1 }, 'alice');
    const first = await open(folder);
    for (let index = 0; index < 40; index++) await call(first, `light${index}`, 'let n = 0', '++n');
    for (let index = 0; index < 5; index++)
      await call(first, `heavy${index}`, heavy, 'n = table.push(0)');
    for (let index = 0; index < 30; index++)
      await call(first, 'busy', 'let n = 0', 'n += 1; Math.random()');
    await call(first, 'ended', 'let n = 0', '++n');
    t.true(first.forget('ended', 'alice'));
    await first.close();

    const second = await open(folder);
    t.is(second.kept().sandboxes, 0, 'nothing is read before it is asked for');
    for (let index = 0; index < 40; index++) {
      const outcome = await call(second, `light${index}`, 'let n = 0', '++n');
      t.is(`${String(resultOf(outcome))} ${outcome.usage.sandbox}`, '2 dormant');
    }
    for (let index = 0; index < 5; index++) {
      t.is(resultOf(await call(second, `heavy${index}`, heavy, 'n + table[77].i')), 2001 + 77);
    }
    t.is(resultOf(await call(second, 'busy', 'let n = 0', 'n')), 30);
    t.is(resultOf(await call(second, 'ended', 'let n = 0', '++n')), 1);
    t.is(resultOf(await call(second, 'light0', 'let n = 10', '++n')), 11, 'another init_script');
    const other = { sandbox_id: 'light1', init_script: 'let n = 0', script: '++n' };
    t.is(resultOf(await second.evaluate(other, 'bob')), 1, 'another caller');
    await second.close();

    const third = await open(folder);
    t.is(resultOf(await call(third, 'light0', 'let n = 10', '++n')), 12);
    t.true(third.forget('light5', 'alice'), 'also what is only on disk');
    t.false(third.forget('light5', 'alice'));
    t.is(resultOf(await call(third, 'light5', 'let n = 0', '++n')), 1);
    await third.close();
  });
});

test('many calls at once for one sandbox on disk: it is read once, in order', async (t) => {
  await withFolder(async (folder) => {
    const one = { sandbox_id: 's', init_script: 'let n = 0', script: '++n' };
    const first = await open(folder);
    await first.evaluate(one);
    await first.close();
    const second = await open(folder);
    const results = await Promise.all(Array.from({ length: 20 }, () => second.evaluate(one)));
    t.deepEqual(
      results.map(resultOf),
      Array.from({ length: 20 }, (_, index) => index + 2),
    );
    await second.close();
  });
});

test('sandboxes that memory has no room for stay on disk', async (t) => {
  await withFolder(async (folder) => {
    const engine = await open(folder, { sandboxes: { sandboxesMax: 10 } });
    const call = (index: number) =>
      engine.evaluate({ sandbox_id: `s${index}`, init_script: 'let n = 0', script: '++n' });
    for (let index = 0; index < 50; index++) t.is(resultOf(await call(index)), 1);
    t.is(engine.kept().sandboxes, 10);
    for (let index = 0; index < 50; index++) t.is(resultOf(await call(index)), 2);
    await engine.close();
  });
});

test('when the folder is full, an init image goes no sooner than its sandboxes', async (t) => {
  await withFolder(async (folder) => {
    const state = { folder, bytesMax: archiveLimits.bytesMin };
    const first = await open(folder, { state });
    const use = (engine: Engine, id: string) =>
      engine.evaluate({ sandbox_id: id, init_script: heavy, script: '++n' }, 'alice');
    const fill = async (from: number, to: number) => {
      // 8 MiB that no compressor sees through: what comes again is too far back.
      const script = `globalThis.a = new Uint32Array(2 ** 21);
        for (let i = 0; i < 2 ** 18; i++) a[i] = Math.random() * 2 ** 32;
        for (let i = 1; i < 8; i++) a.copyWithin(i * 2 ** 18, 0, 2 ** 18); 0`;
      for (let i = from; i < to; i++) {
        resultOf(await first.evaluate({ sandbox_id: `big${i}`, script }, 'bob'));
      }
    };
    await use(first, 'first');
    await fill(0, 4);
    // Else they could come to be written after what is used after them.
    await filled(folder, 4 * 8 * 2 ** 20);
    await use(first, 'second');
    await fill(4, 7);
    await first.close();

    const second = await open(folder, { state });
    const older = await second.evaluate({ sandbox_id: 'big3', script: 'a.length' }, 'bob');
    t.is(older.usage.sandbox, 'dormant', 'what was used before is still there');
    const outcome = await use(second, 'second');
    t.is(`${String(resultOf(outcome))} ${outcome.usage.sandbox}`, '2 dormant');
    t.is(resultOf(await use(second, 'first')), 1, 'what was used longest ago is not');
    await second.close();
  });
});

test('another interpreter, or other host functions, load nothing and say so', async (t) => {
  await withFolder(async (folder) => {
    const one = { sandbox_id: 's', init_script: 'let n = 0', script: '++n' };
    const first = await open(folder);
    await first.evaluate(one);
    await first.close();
    events.length = 0;
    const second = await open(folder, { host: { lookup: () => 1 } });
    t.is(resultOf(await second.evaluate(one)), 1);
    t.true(events.some((event) => /state.*set-aside/.test(event)));
    await second.close();
  });
});

test('as many host functions as there may be: a restart knows its own', async (t) => {
  const { namesMax, nameCharsMax } = hostFunctionLimits;
  const names = Array.from({ length: namesMax }, (_, i) => `f${i}`.padEnd(nameCharsMax, '_'));
  const host = Object.fromEntries(names.map((name) => [name, () => 1]));
  await withFolder(async (folder) => {
    for (const n of [1, 2]) {
      const engine = await open(folder, { host });
      const outcome = await engine.evaluate({
        sandbox_id: 's',
        script: 'var n = (+n || 0) + 1; n',
      });
      t.is(resultOf(outcome), n);
      await engine.close();
    }
  });
});

test('a file that was cut: what is left of it is right, and the engine starts', async (t) => {
  await withFolder(async (folder) => {
    const first = await open(folder);
    for (let index = 0; index < 50; index++) {
      await first.evaluate({ sandbox_id: `s${index}`, init_script: 'let n = 0', script: '++n' });
    }
    await first.close();
    for (const file of await readdir(folder)) {
      if (file.endsWith('.log') || file.endsWith('.segment'))
        await truncate(join(folder, file), 3000);
    }
    const second = await open(folder);
    const results = [];
    for (let index = 0; index < 50; index++) {
      const outcome = await second.evaluate({
        sandbox_id: `s${index}`,
        init_script: 'let n = 0',
        script: '++n',
      });
      results.push(resultOf(outcome));
    }
    t.true(results.every((result) => result === 1 || result === 2));
    await second.close();
  });
});

test('one folder, one engine', async (t) => {
  await withFolder(async (folder) => {
    const first = await open(folder);
    await t.throwsAsync(open(folder));
    await first.close();
    const second = await open(folder);
    await second.close();
  });
});
