// One call on one sandbox: INIT when it is new, then SCRIPT, each with a budget of its own ->
// Outcome.

import { classify, type Verdict } from '../engine/classify.ts';
import { createOutput, type Output } from '../engine/output.ts';
import { runStage, type StageEnd } from '../engine/stage.ts';
import type { Call } from '../engine/call.ts';
import type { Slot } from '../engine/slot.ts';
import type { EvaluationLimits } from '../../contract/limits.ts';
import type { Outcome, Stage, State } from '../../contract/outcome.ts';

/** A request with nothing left open: defaults filled in, `input` as JSON text. */
export interface Task {
  readonly init_script: string;
  readonly script: string;
  readonly input?: string | undefined;
  readonly seed: bigint;
  readonly now: number;
  readonly limits: EvaluationLimits;
}

/** What came of a call. `intact`: the slot holds a sandbox that can be called again. */
export interface Evaluated {
  readonly outcome: Outcome;
  readonly intact: boolean;
  /** For the log, with INTERNAL_SERVER_ERROR. */
  readonly cause?: string | undefined;
}

interface Run {
  readonly stage: Stage;
  readonly end: StageEnd;
  readonly verdict: Verdict;
}

const runOne = (
  slot: Slot,
  task: Task,
  stage: Stage,
  streams: { readonly stdout: Output; readonly stderr: Output },
  interrupt: Call['interrupt'],
): Run => {
  const { fuelMax, memoryBytesMax, resultBytesMax, timeMsMax } = task.limits;
  const script = stage === 'SCRIPT';
  const end = runStage(slot, {
    stage,
    source: script ? task.script : task.init_script,
    input: script ? task.input : undefined,
    seed: task.seed,
    now: task.now,
    fuel: fuelMax,
    memoryBytesMax,
    resultBytesMax,
    interrupt,
    ...streams,
  });
  const bounds = { fuel: fuelMax, memoryBytesMax, resultBytesMax, timeMsMax };
  return { stage, end, verdict: classify(stage, end, bounds) };
};

const stateAfter = (last: Run, keyed: boolean): State => {
  const made = last.stage === 'SCRIPT' || last.verdict.status === 'OK';
  return keyed && made && last.verdict.intact ? 'kept' : 'lost';
};

const outcomeOf = (
  last: Run,
  told: Pick<Outcome, 'stdout' | 'stderr' | 'usage' | 'state'>,
): Outcome => {
  const { verdict, stage } = last;
  if (verdict.status === 'OK') return { status: 'OK', result_json: verdict.json, ...told };
  const { status, message, stack } = verdict;
  return { status, stage, message, ...(stack === undefined ? {} : { stack }), ...told };
};

/** Whether INIT has work to do: an empty init_script makes the sandbox as the boot image is. */
const stagesOf = (task: Task, created: boolean): readonly Stage[] =>
  created && task.init_script !== '' ? ['INIT', 'SCRIPT'] : ['SCRIPT'];

/** Evaluates one task on a slot that holds the sandbox, or a fresh realm when it is `created`. */
export const evaluateTask = (
  slot: Slot,
  task: Task,
  about: { readonly created: boolean; readonly keyed: boolean; readonly engine: string },
  interrupt: Call['interrupt'],
): Evaluated => {
  const stdout = createOutput(task.limits.outputBytesMax);
  const stderr = createOutput(task.limits.outputBytesMax);
  let fuel = 0;
  let last: Run | undefined;
  for (const stage of stagesOf(task, about.created)) {
    last = runOne(slot, task, stage, { stdout, stderr }, interrupt);
    fuel += last.end.fuel;
    if (last.verdict.status !== 'OK') break;
  }
  if (!last) throw new Error('a task without a stage');
  const state = stateAfter(last, about.keyed);
  const usage = { fuel, memory_bytes: last.end.memoryBytes, engine: about.engine };
  const told = { stdout: stdout.text(), stderr: stderr.text(), usage, state };
  const { verdict } = last;
  const cause = verdict.status === 'OK' ? undefined : verdict.cause;
  return { outcome: outcomeOf(last, told), intact: verdict.intact, cause };
};
