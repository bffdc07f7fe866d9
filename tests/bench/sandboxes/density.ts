// How much memory a sandbox takes that is kept: each kind in a process of its own.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { versionOf } from '../contenders/peer.ts';
import type { Density } from './density-process.ts';
import type { Figure } from './figure.ts';

const run = promisify(execFile);
const flags = ['--expose-gc', '--no-node-snapshot', '--disable-warning=ExperimentalWarning'];

interface Kind {
  readonly id: string;
  readonly name: string;
  readonly count: number;
  readonly quick: number;
  readonly note: string;
}

const kinds: readonly Kind[] = [
  {
    id: 'paddock',
    name: 'Paddock',
    count: 10_000,
    quick: 500,
    note: 'default limits, a worker thread per CPU; live ones included',
  },
  {
    id: 'quickjs-wasi-snapshot',
    name: 'quickjs-wasi snapshot',
    count: 1_000,
    quick: 50,
    note: `${versionOf('quickjs-wasi')}: snapshots kept in memory`,
  },
  {
    id: 'quickjs-wasi-gzip',
    name: 'quickjs-wasi snapshot, gzip',
    count: 1_000,
    // Fewer drown in what the collector has left.
    quick: 200,
    note: `${versionOf('quickjs-wasi')}: the same, serialised and gzipped`,
  },
  {
    id: 'isolated-vm',
    name: 'isolated-vm',
    count: 300,
    quick: 30,
    note: `${versionOf('isolated-vm')}: isolates kept`,
  },
  {
    id: 'isolated-vm-context',
    name: 'isolated-vm context',
    // As many as the 64 MiB of the isolate that they share hold.
    count: 100,
    quick: 30,
    note: `${versionOf('isolated-vm')}: contexts of one isolate kept`,
  },
  {
    id: 'quickjs-emscripten-shared',
    name: 'quickjs-emscripten, shared',
    count: 1_000,
    quick: 50,
    note: `${versionOf('quickjs-emscripten')}: runtimes of one wasm instance kept`,
  },
];

const weigh = async (kind: Kind, quick: boolean): Promise<Figure> => {
  const { id, name } = kind;
  const count = quick ? kind.quick : kind.count;
  const script = join(import.meta.dirname, 'density-process.ts');
  const args = [...flags, script, id, `${count}`, quick ? '1000' : '4000'];
  const { stdout } = await run(process.execPath, args);
  const { emptyBytes, fullBytes, kept, makeMs, told } = JSON.parse(stdout) as Density;
  const bytes = (fullBytes - emptyBytes) / kept;
  const mebibytes = ((fullBytes - emptyBytes) / 1024 ** 2).toFixed(0);
  return {
    ...{ section: 'memory per kept sandbox', name, unit: 'bytes', reference: id === 'paddock' },
    ...{ p50: bytes, p99: Number.NaN, min: Number.NaN, runs: count },
    ...(kept < count ? { usage: { kept: kept / count } } : {}),
    note:
      `${kind.note}; ${count} made in ${(makeMs / 1000).toFixed(1)} s, ${kept} kept, ` +
      `${mebibytes} MiB resident beyond the empty process` +
      (told === undefined ? '' : `; the engine counts ${JSON.stringify(told)}`),
  };
};

/** Sandboxes of five scripts in equal shares. The peers' are fewer, and scaled. */
export const measureDensity = async (quick: boolean): Promise<Figure[]> => {
  const figures: Figure[] = [];
  for (const kind of kinds) figures.push(await weigh(kind, quick));
  return figures;
};
