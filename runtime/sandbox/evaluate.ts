// One call on one sandbox: INIT when it is new, then SCRIPT, each with a budget of its own ->
// Outcome.

import { classify, type Verdict } from '../engine/classify.ts';
import { createOutput, type Output } from '../engine/output.ts';
import { observation } from '../engine/abi.ts';
import { createHostCalls, type HostCall, type HostCalls } from '../engine/host-calls.ts';
import { runStage, runToEnd, type StageEnd, type Steps } from '../engine/stage.ts';
import type { Call } from '../engine/call.ts';
import type { Slot } from '../engine/slot.ts';
import type { EvaluationLimits } from '../../contract/limits.ts';
import type { Outcome, Stage, State, Usage } from '../../contract/outcome.ts';
import type { InitRun } from './init-image.ts';
import type { Entry } from './journal.ts';

/** A request with nothing left open: defaults filled in, `input` as JSON text. */
export interface Task {
  readonly init_script: string;
  readonly script: string;
  readonly input?: string | undefined;
  readonly seed: bigint;
  readonly now: number;
  readonly limits: EvaluationLimits;
}

/** What is known of a sandbox before the call. */
export interface About {
  /** INIT is still to be done: by running it, or by telling what its image came about with. */
  readonly created: boolean;
  readonly init?: InitRun | undefined;
  readonly keyed: boolean;
  /** What a stage is taken to use; 0 when absent. */
  readonly fuelExpected?: number;
  /** Whether there are host functions. */
  readonly hasHost?: boolean;
  /** Called when INIT has run and SCRIPT has not. */
  readonly onInit?: (run: InitRun, end: StageEnd) => void;
}

/** What came of a call. */
export interface Evaluated {
  readonly outcome: Untimed;
  /** The slot can be used again once it is reset. */
  readonly clean: boolean;
  /** The stages that ran and whose effects a sandbox has that is kept. */
  readonly entries: readonly Entry[];
  /** A host function was called: to run it again would call it again. */
  readonly calledHost: boolean;
  /** Calls of host functions that the script did not wait for. */
  readonly unawaited: readonly HostCall[];
  /** For the log, with INTERNAL_SERVER_ERROR. */
  readonly cause?: string | undefined;
}

/** An outcome, but for what only those can tell who brought the sandbox here. */
export type Untimed = Outcome extends infer One
  ? One extends Outcome
    ? Omit<One, 'usage'> & { readonly usage: Pick<Usage, 'fuel' | 'memory_bytes'> }
    : never
  : never;

interface Run {
  readonly stage: Stage;
  readonly end: StageEnd;
  readonly verdict: Verdict;
}

interface Streams {
  readonly stdout: Output;
  readonly stderr: Output;
}

/** What the journal says of a stage of a call. */
export const entryOf = (task: Task, stage: Stage, fuel: number): Entry => ({
  stage,
  source: stage === 'SCRIPT' ? task.script : task.init_script,
  ...(stage === 'SCRIPT' && task.input !== undefined ? { input: task.input } : {}),
  seed: task.seed,
  now: task.now,
  limits: task.limits,
  fuel,
});

function* runOne(
  slot: Slot,
  entry: Omit<Entry, 'fuel'>,
  streams: Streams,
  about: {
    readonly interrupt: Call['interrupt'];
    readonly hostCalls?: HostCalls | undefined;
    readonly fuelBefore?: number;
    readonly fuelExpected?: number | undefined;
  },
): Steps<Run> {
  const { stage, source, input, seed, now } = entry;
  const { fuelMax, memoryBytesMax, resultBytesMax, timeMsMax } = entry.limits;
  const end = yield* runStage(slot, {
    ...{ stage, source, input, seed, now, memoryBytesMax, resultBytesMax },
    interrupt: about.interrupt,
    hostCalls: about.hostCalls,
    fuel: fuelMax,
    fuelBefore: about.fuelBefore ?? 0,
    fuelExpected: about.fuelExpected ?? 0,
    ...streams,
  });
  const bounds = { fuel: fuelMax, memoryBytesMax, resultBytesMax, timeMsMax };
  return { stage, end, verdict: classify(stage, end, bounds) };
}

const calledHost = ({ end }: Run): boolean => (end.observed & observation.HOST) !== 0;

const stateAfter = (runs: readonly Run[], { keyed }: About): State => {
  const last = runs.at(-1);
  const made = last?.stage === 'SCRIPT' || last?.verdict.status === 'OK';
  if (!last || !keyed || !made) return 'lost';
  if (last.verdict.intact) return 'kept';
  // An INIT that has called the host is not run again, so there is nothing to go back to.
  return runs.slice(0, -1).some(calledHost) ? 'lost' : 'rolled_back';
};

const outcomeOf = (
  last: Run,
  told: Pick<Untimed, 'stdout' | 'stderr' | 'usage' | 'state'>,
): Untimed => {
  const { verdict, stage } = last;
  if (verdict.status === 'OK') return { status: 'OK', result_json: verdict.json, ...told };
  const { status, message, stack } = verdict;
  return { status, stage, message, ...(stack === undefined ? {} : { stack }), ...told };
};

/** Whether INIT is to be run: an empty init_script makes the sandbox as the boot image is. */
const stagesOf = (task: Task, { created, init }: About): readonly Stage[] =>
  created && !init && task.init_script !== '' ? ['INIT', 'SCRIPT'] : ['SCRIPT'];

const streamsOf = (bytesMax: number, init: InitRun | undefined): Streams => {
  const streams = { stdout: createOutput(bytesMax), stderr: createOutput(bytesMax) };
  if (init) {
    streams.stdout.write(init.stdout);
    streams.stderr.write(init.stderr);
  }
  return streams;
};

/** A slot survives a trap on fuel: resetting covers all of its memory. After others it does not. */
const isClean = ({ status, intact }: Verdict): boolean =>
  intact || status === 'OUT_OF_FUEL' || status === 'OUT_OF_TIME';

const fuelOf = (runs: readonly Run[], { init }: About): number =>
  runs.reduce((sum, { end }) => sum + end.fuel, init?.fuel ?? 0);

/** What was cut is no whole account of INIT. */
const tellInit = ({ onInit }: About, { stdout, stderr }: Streams, end: StageEnd): void => {
  if (stdout.isCut() || stderr.isCut()) return;
  onInit?.({ fuel: end.fuel, stdout: stdout.bytes(), stderr: stderr.bytes() }, end);
};

/** Evaluates one task on a slot that holds the sandbox, or what a new one starts from. */
export function* evaluation(
  slot: Slot,
  task: Task,
  about: About,
  interrupt: Call['interrupt'],
): Steps<Evaluated> {
  const streams = streamsOf(task.limits.outputBytesMax, about.init);
  const entries: Entry[] = [];
  const runs: Run[] = [];
  const hostCalls = about.hasHost === true ? createHostCalls() : undefined;
  for (const stage of stagesOf(task, about)) {
    const entry = entryOf(task, stage, 0);
    const fuelBefore = fuelOf(runs, about);
    const told = { interrupt, hostCalls, fuelBefore, fuelExpected: about.fuelExpected };
    const run = yield* runOne(slot, entry, streams, told);
    runs.push(run);
    if (run.verdict.intact) entries.push({ ...entry, fuel: run.end.fuel });
    if (run.verdict.status !== 'OK') break;
    if (stage === 'INIT') tellInit(about, streams, run.end);
  }
  const last = runs.at(-1);
  if (!last) throw new Error('a task without a stage');
  const { verdict, end } = last;
  const told = {
    stdout: streams.stdout.text(),
    stderr: streams.stderr.text(),
    usage: { fuel: fuelOf(runs, about), memory_bytes: end.memoryBytes },
    state: stateAfter(runs, about),
  };
  return {
    outcome: outcomeOf(last, told),
    clean: isClean(verdict),
    entries,
    calledHost: runs.some(calledHost),
    unawaited: verdict.intact ? (hostCalls?.fresh() ?? []) : [],
    cause: verdict.status === 'OK' ? undefined : verdict.cause,
  };
}

/** The same where there are no host functions. */
export const evaluateTask = (
  slot: Slot,
  task: Task,
  about: About,
  interrupt: Call['interrupt'],
): Evaluated => runToEnd(evaluation(slot, task, about, interrupt));

/**
 * Runs a journal again on a slot that holds what it began with. Undefined when each entry used the
 * fuel that it used before, else what was wrong, for the log.
 */
export const replay = (slot: Slot, journal: readonly Entry[]): string | undefined => {
  for (const [index, entry] of journal.entries()) {
    const about = { interrupt: () => undefined, fuelExpected: entry.fuel };
    const { end, verdict } = runToEnd(runOne(slot, entry, streamsOf(0, undefined), about));
    if (verdict.intact && end.fuel === entry.fuel) continue;
    return `replay of entry ${index}: ${verdict.status}, ${end.fuel} fuel, not ${entry.fuel}`;
  }
  return undefined;
};
