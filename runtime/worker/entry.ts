// The main of a worker thread: boots the interpreter, then evaluates one task after another.
// Between two quanta of fuel it looks at the clock and at the control port.

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { evaluateTask, type Evaluated } from '../sandbox/evaluate.ts';
import { createStore } from '../sandbox/store.ts';
import type { Slot } from '../engine/slot.ts';
import {
  signals,
  type ControlMessage,
  type EvaluateMessage,
  type Origin,
  type WorkerMessage,
  type WorkerStart,
} from './protocol.ts';

const start = workerData as WorkerStart;
const { control } = start;
const mail = new Int32Array(start.signals, 0, 2);
const progress = new BigInt64Array(start.signals);
const store = createStore(start.module, start.bootFlags);

const send = (message: WorkerMessage, transfer: ArrayBuffer[] = []): void => {
  parentPort?.postMessage(message, transfer);
};

const obey = ({ kind, sandbox }: ControlMessage): void => {
  if (kind === 'forget') {
    store.forget(sandbox);
    return;
  }
  const image = store.release(sandbox);
  const buffers = image.segments.map(({ bytes }) => bytes.buffer as ArrayBuffer);
  send({ kind: 'released', sandbox, image }, buffers);
};

const readControl = (): void => {
  Atomics.store(mail, signals.mail, 0);
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

const slotFor = (origin: Origin): Slot => {
  if (origin.kind === 'live') return store.slotOf(origin.sandbox);
  return store.freshSlot(origin.kind === 'moved' ? origin.image : undefined);
};

/**
 * A slot survives a trap on fuel: restoring covers all of its memory. After others it is discarded.
 */
const isClean = ({ outcome, intact }: Evaluated): boolean =>
  intact || outcome.status === 'OUT_OF_FUEL' || outcome.status === 'OUT_OF_TIME';

const settle = (origin: Origin, slot: Slot, evaluated: Evaluated): void => {
  const sandbox = origin.kind === 'one-shot' ? undefined : origin.sandbox;
  if (sandbox !== undefined && evaluated.outcome.state === 'kept') store.keep(sandbox, slot);
  else {
    if (sandbox !== undefined && origin.kind === 'live') store.drop(sandbox);
    store.recycle(slot, isClean(evaluated));
  }
};

const evaluate = ({ task, origin, forget }: EvaluateMessage): void => {
  forget.forEach(store.forget);
  const deadline = performance.now() + task.limits.timeMsMax;
  const granted = BigInt(task.limits.fuelMax);
  const slot = slotFor(origin);
  const created = origin.kind === 'created' || origin.kind === 'one-shot';
  const about = { created, keyed: origin.kind !== 'one-shot', engine: start.engine };
  const evaluated = evaluateTask(slot, task, about, (fuelLeft) => {
    Atomics.store(progress, signals.fuel, granted - fuelLeft);
    if (Atomics.load(mail, signals.mail) !== 0) readControlApart();
    return performance.now() > deadline ? 'time' : undefined;
  });
  settle(origin, slot, evaluated);
  const { outcome, cause } = evaluated;
  send({ kind: 'evaluated', outcome, cause });
  setImmediate(store.prepare);
};

control.on('message', obey);
parentPort?.on('message', evaluate);
send({ kind: 'ready' });
