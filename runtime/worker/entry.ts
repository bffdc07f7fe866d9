// The main of a worker thread: boots the interpreter, then evaluates one task after another.
// Between two quanta of fuel it looks at the clock, the traffic and the control port.

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { initImageLimits, poolLimits } from '../../contract/limits.ts';
import { tellsObserved } from '../engine/module.ts';
import { evaluateTask, replay, type About, type Evaluated } from '../sandbox/evaluate.ts';
import type { InitImage } from '../sandbox/init-image.ts';
import { isDue, isLight, sumOf, weightOf, type Weight } from '../sandbox/journal.ts';
import { createStore, type Home } from '../sandbox/store.ts';
import {
  signals,
  traffic,
  type ControlMessage,
  type EvaluateMessage,
  type Origin,
  type WorkerMessage,
  type WorkerStart,
} from './protocol.ts';

const start = workerData as WorkerStart;
const { control } = start;
const words = new Int32Array(start.signals, 0, 2);
const progress = new BigInt64Array(start.signals);
const calls = new Int32Array(start.traffic);
const store = createStore(start.module, start.bootFlags);
const tells = tellsObserved(start.module);

const send = (message: WorkerMessage): void => {
  parentPort?.postMessage(message);
};

const obey = ({ kind, sandbox }: ControlMessage): void => {
  if (kind === 'rest')
    send({ kind: 'rested', sandbox, bytes: store.checkpointOf(store.homeOf(sandbox)) });
  store.forget(sandbox);
};

const readControl = (): void => {
  Atomics.store(words, signals.mail, 0);
  for (;;) {
    const received = receiveMessageOnPort(control) as { message: ControlMessage } | undefined;
    if (!received) return;
    obey(received.message);
  }
};

/**
 * In the middle of a call: what goes wrong with another sandbox must not become that call's fault.
 */
const readControlApart = (): void => {
  try {
    readControl();
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
};

/** A slow call lets the others have the CPU, and goes on when none is left or its turn has come. */
const giveWay = (): void => {
  const urgent = Atomics.load(calls, traffic.urgent);
  if (urgent > 0) Atomics.wait(calls, traffic.urgent, urgent, poolLimits.yieldMs);
};

/** Asked at each refuel of the call with this serial. */
const interruptOf = ({ serial, task }: EvaluateMessage) => {
  const granted = BigInt(task.limits.fuelMax);
  const since = performance.now();
  return (fuelLeft: bigint): 'time' | 'gone' | undefined => {
    Atomics.store(progress, signals.fuel, granted - fuelLeft);
    if (Atomics.load(words, signals.mail) !== 0) readControlApart();
    if (Atomics.load(words, signals.gone) === serial) return 'gone';
    const elapsed = performance.now() - since;
    if (elapsed > poolLimits.slowAfterMs) giveWay();
    return elapsed > task.limits.timeMsMax ? 'time' : undefined;
  };
};

interface Brought {
  readonly home: Home;
  /** What the sandbox has done since its last checkpoint. */
  readonly since: Weight;
  /** Why the sandbox is not what it was, for the log. */
  readonly fault?: string | undefined;
}

/**
 * What took long to run again is sent back as a checkpoint before the call runs: else whoever has
 * each call stopped would have it run again each time.
 */
const bring = (origin: Origin): Brought => {
  if (origin.kind === 'live') return { home: store.homeOf(origin.sandbox), since: origin.since };
  const nothing = weightOf([]);
  if (origin.kind === 'new') return { home: store.fresh(origin.image), since: nothing };
  const { image, checkpoint, journal, sandbox } = origin;
  const home = store.wake(image, checkpoint);
  const fault = replay(home.slot, journal);
  const since = weightOf(journal);
  if (fault !== undefined || isLight(since)) return { home, since, fault };
  send({ kind: 'replayed', sandbox, bytes: store.checkpointOf(home) });
  return { home, since: nothing };
};

/** An image of what INIT leaves is kept when INIT took long and depends on nothing but itself. */
const imageMaker = (home: Home) => {
  const made: { image?: InitImage } = {};
  const onInit: About['onInit'] = (run, end) => {
    if (!tells || end.observed !== 0 || run.fuel < initImageLimits.fuelMin) return;
    const delta = store.captureInit(home);
    if (delta.blocks.length <= initImageLimits.imageBytesMax) made.image = { ...run, delta };
  };
  return { made, onInit };
};

const unfaithful = (fault: string): Evaluated => ({
  outcome: {
    status: 'INTERNAL_SERVER_ERROR',
    stage: 'SCRIPT',
    message: 'internal error',
    ...{ stdout: '', stderr: '', state: 'lost', usage: { fuel: 0, memory_bytes: 0 } },
  },
  ...{ intact: false, clean: false, entries: [], cause: fault },
});

const settle = (origin: Origin, home: Home, { outcome, clean }: Evaluated): void => {
  const { sandbox } = origin;
  if (sandbox !== undefined && outcome.state === 'kept') store.keep(sandbox, home);
  else {
    if (origin.kind === 'live') store.drop(origin.sandbox);
    store.recycle(home, clean);
  }
};

/** Whether a sandbox that stays has come far enough from its last checkpoint for another. */
const wantsCheckpoint = (since: Weight, { outcome, entries }: Evaluated): boolean =>
  outcome.state === 'kept' && isDue(sumOf(since, weightOf(entries)));

const microseconds = (from: number, to: number): number => Math.round((to - from) * 1000);

const evaluate = (message: EvaluateMessage): void => {
  const { task, origin } = message;
  message.forget.forEach(store.forget);
  store.unlearn(message.unlearn);
  store.learn(message.learn);
  const begun = performance.now();
  const { home, since, fault } = bring(origin);
  const brought = performance.now();
  const { made, onInit } = imageMaker(home);
  const image = origin.kind === 'new' && origin.image !== undefined ? origin.image : undefined;
  const about: About = {
    created: origin.kind === 'new',
    init: image === undefined ? undefined : store.imageOf(image),
    keyed: origin.sandbox !== undefined,
    onInit,
  };
  const evaluated =
    fault === undefined
      ? evaluateTask(home.slot, task, about, interruptOf(message))
      : unfaithful(fault);
  const ended = performance.now();
  const kept = made.image ? { ...home, base: store.baseOver(made.image) } : home;
  settle(origin, kept, evaluated);
  const { outcome, cause, entries } = evaluated;
  const checkpointing = wantsCheckpoint(since, evaluated);
  send({
    kind: 'evaluated',
    ...{ outcome, cause, checkpointing, image: made.image },
    entries: made.image ? entries.filter(({ stage }) => stage !== 'INIT') : entries,
    restoreUs: microseconds(begun, brought),
    runUs: microseconds(brought, ended),
  });
  if (checkpointing && origin.sandbox !== undefined) {
    const { sandbox } = origin;
    send({ kind: 'checkpoint', sandbox, bytes: store.checkpointOf(kept) });
  }
  setImmediate(store.prepare);
};

control.on('message', obey);
parentPort?.on('message', evaluate);
setImmediate(store.prepare);
send({ kind: 'ready' });
