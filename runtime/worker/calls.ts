// The calls of one worker thread, from bringing a sandbox into a slot to telling what came of it:
// one runs at a time, others may wait for host functions.

import { initImageLimits } from '../../contract/limits.ts';
import type { Call } from '../engine/call.ts';
import type { HostAnswer } from '../engine/host-calls.ts';
import { residentBytes } from '../engine/slot.ts';
import type { Steps } from '../engine/stage.ts';
import { evaluation, replay, type About, type Evaluated } from '../sandbox/evaluate.ts';
import type { InitImage } from '../sandbox/init-image.ts';
import { isDue, isLight, sumOf, weightOf, type Weight } from '../sandbox/journal.ts';
import type { Home, SandboxStore } from '../sandbox/store.ts';
import type { EvaluateMessage, News, Origin, WorkerMessage } from './protocol.ts';

export interface CallsOptions {
  readonly store: SandboxStore;
  readonly send: (message: WorkerMessage) => void;
  readonly interruptOf: (message: EvaluateMessage) => Call['interrupt'];
  readonly hasHost: boolean;
  /** Whether the interpreter tells what an init_script has read. */
  readonly mayKeepInit: boolean;
}

export interface Calls {
  readonly begin: (message: EvaluateMessage) => void;
  /** Goes on with a call that waits for host functions. */
  readonly resume: (serial: number, answers: readonly HostAnswer[]) => void;
  /** Gives up a call that waits for host functions. */
  readonly abandon: (serial: number) => void;
}

interface Brought {
  readonly home: Home;
  /** What the sandbox has done since its last checkpoint. */
  readonly since: Weight;
  /** Why the sandbox is not what it was, for the log. */
  readonly fault?: string | undefined;
}

/** A call on its way. */
interface Running extends Brought {
  readonly origin: Origin;
  readonly steps: Steps<Evaluated>;
  readonly made: { image?: InitImage };
  readonly restoreUs: number;
  runUs: number;
}

const microseconds = (from: number): number => Math.round((performance.now() - from) * 1000);

const unfaithful = (fault: string): Evaluated => ({
  outcome: {
    status: 'INTERNAL_SERVER_ERROR',
    stage: 'SCRIPT',
    message: 'internal error',
    ...{ stdout: '', stderr: '', state: 'lost', usage: { fuel: 0, memory_bytes: 0 } },
  },
  ...{ clean: false, entries: [], calledHost: false, unawaited: [], cause: fault },
});

/**
 * What took long to run again is sent back as a checkpoint before the call runs: else whoever has
 * each call stopped would have it run again each time.
 */
const bring = (origin: Origin, { store, send }: CallsOptions): Brought => {
  if (origin.kind === 'live') return { home: store.homeOf(origin.sandbox), since: origin.since };
  const nothing = weightOf([]);
  if (origin.kind === 'new') return { home: store.fresh(origin.image), since: nothing };
  const { image, checkpoint, journal, sandbox } = origin;
  const since = weightOf(journal);
  let home: Home;
  try {
    home = store.wake(image, checkpoint);
  } catch (error) {
    return { home: store.fresh(), since, fault: String(error) };
  }
  const fault = replay(home.slot, journal);
  if (fault !== undefined || isLight(since)) return { home, since, fault };
  send({ kind: 'replayed', sandbox, bytes: store.checkpointOf(home) });
  return { home, since: nothing };
};

/** An image of what INIT leaves is kept when INIT took long and depends on nothing but itself. */
const imageMaker = (home: Home, { store, mayKeepInit }: CallsOptions) => {
  const made: { image?: InitImage } = {};
  const onInit: About['onInit'] = (run, end) => {
    if (!mayKeepInit || end.observed !== 0 || run.fuel < initImageLimits.fuelMin) return;
    const delta = store.captureInit(home);
    if (delta.blocks.length <= initImageLimits.imageBytesMax) made.image = { ...run, delta };
  };
  return { made, onInit };
};

const hear = ({ forget, unlearn, learn }: News, store: SandboxStore): void => {
  forget.forEach(store.forget);
  store.unlearn(unlearn);
  store.learn(learn);
};

const start = (message: EvaluateMessage, options: CallsOptions): Running => {
  const { store, interruptOf, hasHost } = options;
  const { task, origin } = message;
  if (message.news) hear(message.news, store);
  const begun = performance.now();
  const brought = bring(origin, options);
  const { home } = brought;
  const restoreUs = microseconds(begun);
  const { made, onInit } = imageMaker(home, options);
  const image = origin.kind === 'new' ? origin.image : undefined;
  const about: About = {
    created: origin.kind === 'new',
    init: image === undefined ? undefined : store.imageOf(image),
    keyed: origin.sandbox !== undefined,
    fuelExpected: message.fuelExpected,
    ...{ hasHost, onInit },
  };
  const steps = evaluation(home.slot, task, about, interruptOf(message));
  return { ...brought, origin, steps, made, restoreUs, runUs: 0 };
};

const settle = (origin: Origin, home: Home, evaluated: Evaluated, store: SandboxStore): void => {
  const { sandbox } = origin;
  if (sandbox !== undefined && evaluated.outcome.state === 'kept') store.keep(sandbox, home);
  else {
    if (origin.kind === 'live') store.drop(origin.sandbox);
    store.recycle(home, evaluated.clean);
  }
};

const finish = (run: Running, evaluated: Evaluated, { store, send }: CallsOptions): void => {
  const { origin, made, restoreUs, runUs, since } = run;
  const { outcome, cause, entries, calledHost, unawaited } = evaluated;
  const home = made.image ? { ...run.home, base: store.baseOver(made.image) } : run.home;
  settle(origin, home, evaluated, store);
  const { sandbox } = origin;
  const kept = sandbox !== undefined && outcome.state === 'kept';
  const checkpoint = kept && calledHost ? store.checkpointOf(home) : undefined;
  const checkpointing = kept && !checkpoint && isDue(sumOf(since, weightOf(entries)));
  send({
    kind: 'evaluated',
    ...{
      outcome,
      cause,
      restoreUs,
      runUs,
      checkpoint,
      checkpointing,
      slotBytes: residentBytes(home.slot),
      image: made.image,
      unawaited,
    },
    ran: entries
      .filter(({ stage }) => !made.image || stage !== 'INIT')
      .map(({ stage, fuel }) => ({ stage, fuel })),
  });
  if (checkpointing) send({ kind: 'checkpoint', sandbox, bytes: store.checkpointOf(home) });
};

export const createCalls = (options: CallsOptions): Calls => {
  const { store, send } = options;
  const waiting = new Map<number, Running>();
  const step = (serial: number, run: Running, answers: readonly HostAnswer[]): void => {
    const begun = performance.now();
    const next = run.steps.next(answers);
    run.runUs += microseconds(begun);
    if (next.done === true) finish(run, next.value, options);
    else {
      waiting.set(serial, run);
      send({ kind: 'pending', ...next.value });
    }
  };
  const take = (serial: number): Running => {
    const run = waiting.get(serial);
    if (!run) throw new Error(`call ${serial} does not wait in this worker`);
    waiting.delete(serial);
    return run;
  };
  return {
    begin(message) {
      const run = start(message, options);
      if (run.fault === undefined) step(message.serial, run, []);
      else finish(run, unfaithful(run.fault), options);
    },
    resume(serial, answers) {
      step(serial, take(serial), answers);
    },
    abandon(serial) {
      const { origin, home } = take(serial);
      if (origin.kind === 'live') store.drop(origin.sandbox);
      store.recycle(home, true);
    },
  };
};
