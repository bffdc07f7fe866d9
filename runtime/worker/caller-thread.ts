// What a worker thread does, in the thread of whoever called: nothing to wake and nothing to copy.
// A call blocks that thread while it runs, and only its fuel and its time end it.

import { poolLimits } from '../../contract/limits.ts';
import { tellsObserved } from '../engine/module.ts';
import { createStore } from '../sandbox/store.ts';
import { createCalls, type CallsOptions } from './calls.ts';
import { createCollector } from './collector.ts';
import type { StartThread, ThreadEvents } from './thread.ts';

/** Runs jobs one after another, each when whoever gave it has come to rest. */
const createTurns = (onFault: (error: unknown) => void) => {
  let ended = false;
  const run = (job: () => void): void => {
    if (ended) return;
    try {
      job();
    } catch (error) {
      ended = true;
      onFault(error);
    }
  };
  return {
    soon: (job: () => void): void => {
      queueMicrotask(() => {
        run(job);
      });
    },
    whenIdle: (job: () => void): void => {
      setImmediate(run, job);
    },
    end: (): void => {
      ended = true;
    },
  };
};

/** One job ahead of its need, at the next turn of the event loop, however often it is asked for. */
const oncePerTurn = (later: (job: () => void) => void, job: () => void): (() => void) => {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    later(() => {
      waits = false;
      job();
    });
  };
};

/** What is looked at between two quanta of a call. */
const createWatch = () => {
  let granted = 0;
  let stopped = 0;
  const interruptOf: CallsOptions['interruptOf'] = (message) => {
    const { fuelMax, timeMsMax } = message.task.limits;
    const since = performance.now();
    return (fuelLeft) => {
      granted = fuelMax - Number(fuelLeft);
      if (stopped === message.serial) return 'gone';
      return performance.now() - since > timeMsMax ? 'time' : undefined;
    };
  };
  return {
    interruptOf,
    /** Another call begins or goes on soon. */
    reset: (): void => {
      granted = 0;
    },
    stop: (serial: number): void => {
      stopped = serial;
    },
    fuelGranted: () => granted,
  };
};

/** The calls, and what makes the next new sandbox ready while nothing runs. */
const open = (
  { module, bootFlags, hostNames }: Parameters<StartThread>[0],
  onMessage: ThreadEvents['onMessage'],
) => {
  const store = createStore(module, {
    ...{ flags: bootFlags, hostNames, collect: createCollector() },
    stackBytesMax: poolLimits.callerStackBytesMax,
  });
  const watch = createWatch();
  const calls = createCalls({
    ...{ store, send: onMessage, interruptOf: watch.interruptOf },
    hasHost: hostNames.length > 0,
    mayKeepInit: tellsObserved(module),
  });
  return { store, watch, calls };
};

/** A `Thread` that is none; throws when the interpreter cannot boot. */
export const startInCaller: StartThread = (start, { onMessage, onLost }) => {
  const { store, watch, calls } = open(start, onMessage);
  const turns = createTurns((error) => {
    onLost(error instanceof Error ? String(error.stack) : String(error));
  });
  const prepare = oncePerTurn(turns.whenIdle, () => {
    store.prepare();
  });
  let serial = 0;
  turns.soon(() => {
    onMessage({ kind: 'ready' });
  });
  return {
    evaluate(message) {
      serial += 1;
      const own = serial;
      watch.reset();
      turns.soon(() => {
        calls.begin({ kind: 'evaluate', serial: own, ...message });
        prepare();
      });
      return own;
    },
    resume(waiting, answers) {
      watch.reset();
      turns.soon(() => {
        calls.resume(waiting, answers);
        prepare();
      });
    },
    abandon(waiting) {
      turns.soon(() => {
        calls.abandon(waiting);
      });
    },
    stop: watch.stop,
    rest(sandbox) {
      turns.soon(() => {
        const bytes = store.checkpointOf(store.homeOf(sandbox));
        store.forget(sandbox);
        onMessage({ kind: 'rested', sandbox, bytes });
      });
    },
    forget(sandbox) {
      turns.soon(() => {
        store.forget(sandbox);
      });
    },
    fuelGranted: watch.fuelGranted,
    async end() {
      turns.end();
    },
  };
};
