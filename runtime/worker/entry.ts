// The main of a worker thread: boots the interpreter, then evaluates one task after another.
// Between two quanta of fuel it looks at the clock, the traffic and the control port.

import { flushCompileCache } from 'node:module';
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { poolLimits } from '../../contract/limits.ts';
import { tellsObserved } from '../engine/module.ts';
import { createStore } from '../sandbox/store.ts';
import {
  signals,
  type ControlMessage,
  type EvaluateMessage,
  type TaskMessage,
  type WorkerMessage,
  type WorkerStart,
} from './protocol.ts';
import { createCalls } from './calls.ts';
import { openChannelEnd } from './channel.ts';
import { createCollector } from './collector.ts';
import { createGiveWay } from './give-way.ts';
import { createLinger, lingering } from './linger.ts';

const start = workerData as WorkerStart;
const { control, hostNames, module } = start;
const words = new Int32Array(start.signals);
const progress = new BigInt64Array(start.signals);
const others = new Int32Array(start.traffic);
const store = createStore(module, {
  ...{ flags: start.bootFlags, hostNames },
  collect: createCollector(),
});

/** The serial of a call that is stopped when it turns out slow; 0: there is none. */
let onTrial = 0;

const counted = { words, sent: signals.answers, came: signals.tasks };
const tasks = openChannelEnd<WorkerMessage>(start.tasks, counted, (received) => {
  const message = received as TaskMessage;
  linger.came();
  // What was said before comes first: it may be about the very sandbox.
  if (Atomics.load(words, signals.mail) !== 0) readControl();
  onTrial = message.kind === 'evaluate' && message.trial ? message.serial : 0;
  if (message.kind === 'evaluate') calls.begin(message);
  else calls.resume(message.serial, message.answers);
  store.prepare();
  linger.stay();
});
const { send } = tasks;

const obey = (message: ControlMessage): void => {
  if (message.kind === 'abandon') {
    calls.abandon(message.serial);
    return;
  }
  const { kind, sandbox } = message;
  if (kind === 'rest') {
    send({ kind: 'rested', sandbox, bytes: store.checkpointOf(store.homeOf(sandbox)) });
  }
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

const giveWay = createGiveWay({
  counts: others,
  now: () => performance.now(),
  sleep: (word, value, ms) => void Atomics.wait(others, word, value, ms),
});

const trialFuel = BigInt(poolLimits.trialFuel);

/** Asked at each refuel of the call with this serial. */
const interruptOf = ({ serial, task, slow }: EvaluateMessage) => {
  const granted = BigInt(task.limits.fuelMax);
  const slowAfterMs = slow ? 0 : poolLimits.slowAfterMs;
  const since = performance.now();
  return (fuelLeft: bigint): 'time' | 'gone' | undefined => {
    const used = granted - fuelLeft;
    Atomics.store(progress, signals.fuel, used);
    if (Atomics.load(words, signals.mail) !== 0) readControlApart();
    if (Atomics.load(words, signals.gone) === serial) return 'gone';
    if (onTrial === serial && used >= trialFuel) return 'time';
    const elapsed = performance.now() - since;
    if (elapsed > slowAfterMs) {
      giveWay();
      // A sandbox that was asked for meanwhile should not wait for the next quantum as well.
      if (Atomics.load(words, signals.mail) !== 0) readControlApart();
    }
    return elapsed > task.limits.timeMsMax ? 'time' : undefined;
  };
};

const calls = createCalls({
  ...{ store, send, interruptOf },
  hasHost: hostNames.length > 0,
  mayKeepInit: tellsObserved(module),
});

const linger = createLinger({
  ...lingering,
  look() {
    if (Atomics.load(words, signals.mail) !== 0) readControl();
    tasks.receive();
  },
});

control.on('message', obey);
setImmediate(store.prepare);
// A worker that is ended writes nothing.
setImmediate(flushCompileCache);
send({ kind: 'ready' });
