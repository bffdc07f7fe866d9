// Same script, state, seed and now: same fuel, bit for bit, however often, wherever and however
// compiled.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { withEngine } from '../helpers/engine.ts';
import { distinctFuels, scripts } from './fuel-probe.ts';

const probe = new URL('./fuel-probe.ts', import.meta.url).pathname;
const exec = promisify(execFile);

const fuelsUnder = async (flags: readonly string[]): Promise<unknown> => {
  const { stdout } = await exec(process.execPath, [...flags, probe, '3'], { timeout: 170_000 });
  return JSON.parse(stdout);
};

test('a hundred runs, on fresh and on reused slots: one number for each script', async (t) => {
  for (const [name, fuels] of Object.entries(await distinctFuels(100))) t.is(fuels.length, 1, name);
});

test('Liftoff alone and TurboFan alone: the same numbers', async (t) => {
  const here = await distinctFuels(1);
  t.deepEqual(await fuelsUnder(['--liftoff-only']), here);
  t.deepEqual(await fuelsUnder(['--no-liftoff', '--wasm-lazy-compilation']), here);
});

const { evaluate } = withEngine(test, { workers: 2 });

test('any worker: the same numbers', async (t) => {
  const now = 1_700_000_000_000;
  for (const [name, script] of Object.entries(scripts)) {
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => evaluate({ script, seed: 42, now })),
    );
    t.is(new Set(outcomes.map(({ usage }) => usage.fuel)).size, 1, name);
  }
});

test('a sandbox that has lived through the same calls uses the same fuel', async (t) => {
  const calls = Object.values(scripts).slice(0, 8);
  const live = async (sandbox_id: string): Promise<number[]> => {
    const fuels: number[] = [];
    for (const script of calls) {
      const { usage } = await evaluate({ sandbox_id, script, seed: 1, now: 0 });
      fuels.push(usage.fuel);
    }
    return fuels;
  };
  t.deepEqual(await live('a'), await live('b'));
});
