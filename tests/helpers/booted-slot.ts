// Slots of the real interpreter as they are after booting, and scripts run in them.

import { evaluationLimits } from '../../contract/limits.ts';
import type { Base } from '../../runtime/engine/base.ts';
import { captureBoot, restore } from '../../runtime/engine/image.ts';
import { loadModule } from '../../runtime/engine/module.ts';
import { bootSlot, createSlot, type Slot } from '../../runtime/engine/slot.ts';
import { evaluateTask, type Untimed } from '../../runtime/sandbox/evaluate.ts';

export const { module } = await loadModule();
/** Has booted and done nothing else. */
export const booted = createSlot(module);
bootSlot(booted, 0);

export const boot = captureBoot(booted);
export const bare: Base = { boot };

/** A new slot that holds the boot image. */
export const fresh = (): Slot => {
  const slot = createSlot(module);
  restore(slot, bare);
  return slot;
};

/** Evaluates a script as the first call of a sandbox that is kept. */
export const run = (slot: Slot, script: string, fuelExpected = 0): Untimed => {
  const task = { init_script: '', script, seed: 1n, now: 0, limits: evaluationLimits };
  return evaluateTask(slot, task, { created: true, keyed: true, fuelExpected }, () => undefined)
    .outcome;
};

/** What sandboxes do: nothing, little, a heap of objects, memory that grows, an error. */
export const scripts: readonly string[] = [
  '1+1',
  'var x = 1',
  'var a = []; for (let i = 0; i < 100; i++) a.push({ i, s: "x" + i }); a.length',
  'var m = new Map(); for (let i = 0; i < 500; i++) m.set(i, { i }); m.size',
  'var b = new Uint8Array(2e6).fill(3); b.length',
  'delete globalThis.b; 0',
  'throw new Error("kept")',
];
