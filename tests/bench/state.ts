// npm run bench:state: the log of dormant sandboxes beside node:sqlite, which could stand in its
// place: 10,000 values put, 100,000 opened, 10,000 read, on the disk of the temporary folder; then
// `serve --state` with 100,000 sandboxes on disk.
//   --quick         a tenth of it
//   --only serve    the last alone
//   --json FILE     writes every figure

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { crc32 } from 'node:zlib';
import { openStateLog } from '../../runtime/state/index.ts';
import { closeConnections } from './server-process.ts';
import { measureServe, type ServeFigures } from './state-serve.ts';
import { formatMs, formatTable } from './table.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});
const [putCount, keyCount] = options.quick ? [1_000, 10_000] : [10_000, 100_000];
const valueBytes = 8 * 1024;
const hugeBytes = 64 * 1024 * 1024;

/** Values that differ without costing anything to make. */
const noise = randomBytes(valueBytes + keyCount);
const valueOf = (i: number): Uint8Array =>
  noise.subarray(i % keyCount, (i % keyCount) + valueBytes);
const keyOf = (i: number): string => `caller/sandbox-${i}`;

interface Store {
  readonly put: (key: string, value: Uint8Array) => unknown;
  readonly get: (key: string) => unknown;
  readonly count: () => number;
  readonly close: () => unknown;
}

const openLog = async (folder: string): Promise<Store> => {
  const log = await openStateLog({ folder, binding: 'bench', bytesMax: 8e9, log: () => undefined });
  return { ...log, count: () => [...log.keys()].length };
};

/** As it would have to be: a checksum of our own, since SQLite has none for its pages. */
const openSqlite = async (folder: string): Promise<Store> => {
  const database = new DatabaseSync(join(folder, 'state.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec('CREATE TABLE IF NOT EXISTS s (key TEXT PRIMARY KEY, sum INT, value BLOB)');
  const insert = database.prepare('INSERT OR REPLACE INTO s VALUES (?, ?, ?)');
  const select = database.prepare('SELECT sum, value FROM s WHERE key = ?');
  const lengths = database.prepare('SELECT key, length(value) FROM s');
  return {
    put: (key, value) => insert.run(key, crc32(value), value),
    get(key) {
      const row = select.get(key) as { sum: number; value: Uint8Array };
      return row.sum === crc32(row.value) ? row.value : undefined;
    },
    count: () => [...lengths.iterate()].length,
    close: () => {
      database.close();
    },
  };
};

const timed = async (work: () => unknown): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

/** Values in the order of a busy server: some at a time. */
const putAll = async (store: Store, from: number, to: number): Promise<void> => {
  const atOnce = 64;
  for (let i = from; i < to; i += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, to - i) }, (_, j) => i + j);
    await Promise.all(batch.map((each) => store.put(keyOf(each), valueOf(each))));
  }
};

const measure = async (open: (folder: string) => Promise<Store>) => {
  const folder = mkdtempSync(join(tmpdir(), 'paddock-bench-'));
  try {
    const store = await open(folder);
    const put = await timed(() => putAll(store, 0, putCount));
    await putAll(store, putCount, keyCount);
    const get = await timed(async () => {
      for (let i = 0; i < putCount; i += 1) await store.get(keyOf((i * 7_919) % keyCount));
    });
    const huge = randomBytes(hugeBytes);
    let held = 0;
    const large = await timed(async () => {
      const start = performance.now();
      const written = store.put('huge', huge);
      held = performance.now() - start;
      await written;
    });
    await store.close();
    let count = 0;
    const reopen = await timed(async () => {
      const again = await open(folder);
      count = again.count();
      await again.close();
    });
    if (count !== keyCount + 1) throw new Error(`${count} keys instead of ${keyCount + 1}`);
    return { put, get, large, held, reopen };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const measureLogs = async () => {
  const figures = { log: await measure(openLog), sqlite: await measure(openSqlite) };
  const labels = {
    put: `put ${putCount} x 8 KiB`,
    get: `get ${putCount} of ${keyCount}, one at a time`,
    large: 'put one of 64 MiB',
    held: '  the thread is held for',
    reopen: `open ${keyCount}, all keys listed`,
  } as const;
  const rows = Object.entries(labels).map(([name, label]) => {
    const figure = name as keyof typeof labels;
    return [label, formatMs(figures.log[figure]), formatMs(figures.sqlite[figure])];
  });
  process.stdout.write(`${formatTable([['', 'state log', 'node:sqlite (WAL)'], ...rows])}\n`);
  return figures;
};

const formatServe = (served: ServeFigures): string =>
  formatTable([
    [`serve --state, ${served.sandboxes} sandboxes on disk`, ''],
    ['spawned to ready', formatMs(served.readyMs)],
    ['the same, none on disk', formatMs(served.emptyReadyMs)],
    ['a call to one of them, p50', formatMs(served.wakeMs)],
    ['asked, and those that were there', `${served.asked}, ${served.kept}`],
  ]);

const figures = options.only === 'serve' ? undefined : await measureLogs();
const served = await measureServe(keyCount);
process.stdout.write(`\n${formatServe(served)}\n`);
closeConnections();
if (options.json !== undefined) {
  const all = { node: process.versions.node, figures, served };
  writeFileSync(options.json, `${JSON.stringify(all)}\n`);
}
