// The main thread's side of one worker thread: starts it, sends it one task at a time, ends it.

import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { poolLimits } from '../../contract/limits.ts';
import type { HostAnswer } from '../engine/host-calls.ts';
import { openChannelEnd } from './channel.ts';
import { createPoll, lingering } from './linger.ts';
import {
  signals,
  type EvaluateMessage,
  type ControlMessage,
  type TaskMessage,
  type WorkerMessage,
  type WorkerStart,
} from './protocol.ts';

export interface ThreadEvents {
  readonly onMessage: (message: WorkerMessage) => void;
  /** The thread is gone and nobody asked it to go. */
  readonly onLost: (cause: string) => void;
}

export interface Thread {
  /** Gives the serial of the call. */
  readonly evaluate: (message: Omit<EvaluateMessage, 'kind' | 'serial'>) => number;
  readonly resume: (serial: number, answers: readonly HostAnswer[]) => void;
  /** Gives up a call that waits for host functions. */
  readonly abandon: (serial: number) => void;
  /** Stops a call at its next quantum, if it still runs. */
  readonly stop: (serial: number) => void;
  /** Copies a live sandbox out and ends it there. */
  readonly rest: (sandbox: number) => void;
  readonly forget: (sandbox: number) => void;
  /** Fuel granted to the present stage, as of the last quantum. */
  readonly fuelGranted: () => number;
  /** Ends the thread at once; `onLost` is not called. */
  readonly end: () => Promise<void>;
}

/** Serials fit a shared word; 0 is none. */
const serialMax = 2 ** 31 - 1;

const source = new URL('./entry.ts', import.meta.url);

/** In what is built from the sources it has another ending. */
const entry = import.meta.url.endsWith('.ts') ? source : new URL(source.href.replace(/ts$/, 'js'));

/** Where Node keeps compiled modules, if it does: all that a worker has of the environment. */
const compiledEnv = (): NodeJS.ProcessEnv => {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
};

const spawn = (start: WorkerStart): Worker =>
  new Worker(entry, {
    workerData: start,
    transferList: [start.tasks, start.control],
    // A worker holds no secret: it inherits neither the environment nor the arguments.
    env: compiledEnv(),
    argv: [],
    execArgv: [],
    name: 'paddock-worker',
    resourceLimits: {
      stackSizeMb: poolLimits.workerStackMb,
      maxOldGenerationSizeMb: poolLimits.workerHeapMb,
    },
  });

/** The main thread's end of the port of tasks. */
const openTasks = (
  port: MessagePort,
  words: Int32Array,
  onMessage: (message: WorkerMessage) => void,
) => {
  const counted = { words, sent: signals.tasks, came: signals.answers };
  const end = openChannelEnd<TaskMessage>(port, counted, (message) => {
    poll.came();
    onMessage(message as WorkerMessage);
  });
  const poll = createPoll({ ...lingering, look: end.receive }, setImmediate);
  return {
    ...end,
    post(message: TaskMessage) {
      end.send(message);
      poll.sent();
    },
  };
};

export type StartThread = (
  start: Pick<WorkerStart, 'module' | 'bootFlags' | 'hostNames' | 'traffic'>,
  events: ThreadEvents,
) => Thread;

/** Starts a worker thread. */
export const startThread: StartThread = (start, { onMessage, onLost }) => {
  const shared = new SharedArrayBuffer(signals.bytes);
  const words = new Int32Array(shared);
  const progress = new BigInt64Array(shared);
  const mail = new MessageChannel();
  const work = new MessageChannel();
  const worker = spawn({ ...start, tasks: work.port2, control: mail.port2, signals: shared });
  let ended = false;
  let serial = 0;
  const tell = (message: ControlMessage): void => {
    mail.port1.postMessage(message);
    Atomics.store(words, signals.mail, 1);
  };
  const tasks = openTasks(work.port1, words, (message) => {
    // What a thread said before it was ended is not of the thread that has its seat by now.
    if (!ended) onMessage(message);
  });
  const close = (): void => {
    ended = true;
    mail.port1.close();
    tasks.close();
  };
  const lost = (cause: string): void => {
    // What it answered before it was lost counts.
    while (tasks.receive());
    const unasked = !ended;
    close();
    if (unasked) onLost(cause);
  };
  worker.on('error', (error: unknown) => {
    lost(error instanceof Error ? String(error.stack) : String(error));
  });
  worker.on('exit', (code) => {
    lost(`the worker thread ended with ${code}`);
  });
  return {
    evaluate(message) {
      Atomics.store(progress, signals.fuel, 0n);
      Atomics.store(words, signals.gone, 0);
      serial = (serial % serialMax) + 1;
      tasks.post({ kind: 'evaluate', serial, ...message });
      return serial;
    },
    resume(waiting, answers) {
      Atomics.store(progress, signals.fuel, 0n);
      Atomics.store(words, signals.gone, 0);
      tasks.post({ kind: 'resume', serial: waiting, answers });
    },
    abandon(waiting) {
      tell({ kind: 'abandon', serial: waiting });
    },
    stop(gone) {
      Atomics.store(words, signals.gone, gone);
    },
    rest(sandbox) {
      tell({ kind: 'rest', sandbox });
    },
    forget(sandbox) {
      tell({ kind: 'forget', sandbox });
    },
    fuelGranted: () => Number(Atomics.load(progress, signals.fuel)),
    async end() {
      close();
      await worker.terminate();
    },
  };
};
