// Prints, as JSON, the fuel of each script over many runs in this process: on fresh slots and on
// one slot restored again and again. Run under different V8 flags and Node versions, the numbers
// must be the same.

import { pathToFileURL } from 'node:url';
import { evaluationLimits } from '../../contract/limits.ts';
import type { Base } from '../../runtime/engine/base.ts';
import { captureBoot, restore } from '../../runtime/engine/image.ts';
import { loadModule } from '../../runtime/engine/module.ts';
import { bootSlot, createSlot, type Slot } from '../../runtime/engine/slot.ts';
import { evaluateTask } from '../../runtime/sandbox/evaluate.ts';

export const scripts: Readonly<Record<string, string>> = {
  arithmetic: 'let s = 0; for (let i = 0; i < 2e3; i++) s += i & 7; s',
  map: 'let m = new Map(); for (let i = 0; i < 500; i++) m.set("k" + (i % 50), { i }); m.size',
  set: 'let s = new Set(); for (let i = 0; i < 500; i++) s.add("v" + (i % 100)); [...s].length',
  objects: 'let o = {}; for (let i = 0; i < 300; i++) o["p" + i] = i; Object.keys(o).length',
  regex: 'let c = 0; for (let i = 0; i < 50; i++) if (/(\\d+)-(\\w+)/.test("1-f" + i)) c++; c',
  garbage: 'let n = 0; for (let i = 0; i < 3e3; i++) n += [i, { i }, "x" + i].length; n',
  buffers: 'let n = 0; for (let i = 0; i < 50; i++) n += new Uint8Array(1e5).length; n',
  sorted: 'let a = []; for (let i = 0; i < 500; i++) a.push((i * 7919) % 1007); a.sort()[9]',
  json: 'JSON.stringify(JSON.parse(\'{"a":[1,2,{"b":"c"}]}\'))',
  random: 'Math.floor(Math.random() * 1e6) + Date.now()',
  symbols: 'let m = new WeakMap(), k = [Symbol(), {}]; m.set(k[1], 1); m.get(k[1])',
  promises: 'Promise.all([1, 2, new Promise((f) => setTimeout(f, 5, 3))])',
  classes:
    'class A { #x = 1; get x() { return this.#x; } }' +
    'let t = 0; for (let i = 0; i < 99; i++) t += new A().x; t',
  throws:
    'let n = 0; for (let i = 0; i < 99; i++) try { null.x } catch (e) { n += e.stack.length } n',
  temporal: 'Temporal.PlainDate.from("2026-11-22").add({ days: 40 }).toString()',
};

const task = (script: string) => ({
  init_script: 'var seen = new Map([["a", 1]]);',
  script,
  seed: 42n,
  now: 1_700_000_000_000,
  limits: evaluationLimits,
});

const fuelOf = (slot: Slot, script: string): number => {
  const about = { created: true, keyed: false };
  const { outcome } = evaluateTask(slot, task(script), about, () => undefined);
  if (outcome.status !== 'OK') throw new Error(`${script}: ${JSON.stringify(outcome)}`);
  return outcome.usage.fuel;
};

/** Every distinct fuel of each script: one number each, or metering is not exact. */
export const distinctFuels = async (runs: number): Promise<Record<string, readonly number[]>> => {
  const { module } = await loadModule();
  const booted = createSlot(module);
  bootSlot(booted, 0);
  const boot: Base = { boot: captureBoot(booted) };
  const fresh = (): Slot => {
    const slot = createSlot(module);
    restore(slot, boot);
    return slot;
  };
  const reused = fresh();
  const fuels: Record<string, readonly number[]> = {};
  for (const [name, script] of Object.entries(scripts)) {
    const found = new Set<number>();
    for (let run = 0; run < runs; run++) {
      restore(reused, boot);
      found.add(fuelOf(reused, script));
      if (run % 10 === 0) found.add(fuelOf(fresh(), script));
    }
    const unbooted = createSlot(module);
    bootSlot(unbooted, 0);
    found.add(fuelOf(unbooted, script));
    fuels[name] = [...found];
  }
  return fuels;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(JSON.stringify(await distinctFuels(Number(process.argv[2] ?? 10))));
}
