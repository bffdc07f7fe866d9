// A process of the density section: makes sandboxes of one kind, and says what they weigh.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { inhabitantOf } from './workload.ts';
import { expectValue } from './turns.ts';
import { createEngine } from '../../../runtime/index.ts';
import { openIsolatedVm, openIsolatedVmContexts } from '../contenders/isolated-vm.ts';
import { openQuickJsShared } from '../contenders/quickjs-emscripten.ts';
import { loadQuickJsWasi } from '../contenders/quickjs-wasi.ts';
import type { Contender } from '../contenders/contender.ts';

export interface Density {
  /** Resident bytes of the process with everything loaded and no sandbox kept. */
  readonly emptyBytes: number;
  readonly fullBytes: number;
  /** Sandboxes whose state is there still. */
  readonly kept: number;
  readonly makeMs: number;
  /** What the engine itself counts, where it does. */
  readonly told?: unknown;
}

interface Population {
  readonly make: (index: number) => Promise<void>;
  /** Sandboxes of `count` that still have their state. */
  readonly countKept: (count: number) => Promise<number>;
  readonly tell?: () => unknown;
}

const peerPopulation = (contender: Contender): Population => {
  const kept: unknown[] = [];
  return {
    make: async (index) => {
      const { script, value } = inhabitantOf(index);
      const sandbox = await contender.open();
      expectValue(await sandbox.evaluate(script), value);
      kept.push(sandbox);
    },
    countKept: async () => kept.length,
  };
};

const snapshotPopulation = async (zipped: boolean): Promise<Population> => {
  const quickJs = await loadQuickJsWasi();
  const kept: unknown[] = [];
  return {
    make: async (index) => {
      const { script, value } = inhabitantOf(index);
      const sandbox = await quickJs.create();
      expectValue(sandbox.evaluate(script), value);
      const snapshot = sandbox.snapshot();
      kept.push(zipped ? gzipSync(quickJs.serialize(snapshot)) : snapshot);
      sandbox.dispose();
    },
    countKept: async () => kept.length,
  };
};

const paddockPopulation = async (): Promise<Population> => {
  const engine = await createEngine();
  const value = async (sandbox_id: string, script: string): Promise<unknown> => {
    const outcome = await engine.evaluate({ sandbox_id, script }, 'bench');
    if (outcome.status !== 'OK') throw new Error(`${outcome.status}: ${outcome.message}`);
    return JSON.parse(outcome.result_json);
  };
  return {
    make: async (index) => {
      const { script, value: expected } = inhabitantOf(index);
      expectValue(await value(`dense ${index}`, script), expected);
    },
    // An engine that does not count has no such method.
    tell: () => (engine as { readonly kept?: () => unknown }).kept?.(),
    countKept: async (count) => {
      let asked = 0;
      let kept = 0;
      // The newest come first: a probe makes a sandbox anew that is not there, which may push out
      // others.
      for (let index = count - 1; index >= 0; index--) {
        const { probe } = inhabitantOf(index);
        if (probe === undefined) continue;
        asked++;
        if ((await value(`dense ${index}`, probe)) === true) kept++;
      }
      return Math.round((kept / asked) * count);
    },
  };
};

const populations: Readonly<Record<string, () => Population | Promise<Population>>> = {
  paddock: paddockPopulation,
  'quickjs-wasi-snapshot': () => snapshotPopulation(false),
  'quickjs-wasi-gzip': () => snapshotPopulation(true),
  'isolated-vm': () => peerPopulation(openIsolatedVm()),
  'isolated-vm-context': () => peerPopulation(openIsolatedVmContexts()),
  'quickjs-emscripten-shared': async () => peerPopulation(await openQuickJsShared()),
};

const residentBytes = (): number => {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1]) * 1024;
};

/** What is laid by, compressed or collected after the answers, is so by then. */
const settle = async (ms: number): Promise<void> => {
  for (let i = 0; i < 4; i++) {
    global.gc?.();
    await sleep(ms / 4);
  }
};

const weigh = async (kind: string, count: number, settleMs: number): Promise<Density> => {
  const open = populations[kind];
  if (!open) throw new Error(`no population ${kind}`);
  // Code is loaded and hot before the empty process is weighed, its sandboxes are not counted.
  const warm = 20;
  const { make, countKept, tell } = await open();
  for (let index = 0; index < warm; index++) await make(index);
  await settle(settleMs);
  const emptyBytes = residentBytes();
  const begin = performance.now();
  for (let index = warm; index < warm + count; index++) await make(index);
  const makeMs = performance.now() - begin;
  await settle(settleMs);
  const fullBytes = residentBytes();
  const told = tell?.();
  const kept = Math.min(count, await countKept(warm + count));
  return { emptyBytes, fullBytes, kept, makeMs, told };
};

const [kind = '', count = '', settleMs = ''] = process.argv.slice(2);
const density = await weigh(kind, Number(count), Number(settleMs));
process.stdout.write(`${JSON.stringify(density)}\n`);
process.exit(0);
