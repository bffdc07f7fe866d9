// Calls that wait for host functions: their workers do others meanwhile, and take them up again
// when answers are there. One that nobody waits for, or whose time is over, is given up.

import { hostFunctionLimits } from '../../contract/limits.ts';
import type { HostAnswer, HostCall } from '../engine/host-calls.ts';
import type { Wait } from '../engine/stage.ts';
import { callHost, type HostFunctions } from './host-functions.ts';
import { type Seat, type Work } from './seat.ts';

/** A call that waits, or has answers and waits for its worker. */
interface Waiting {
  readonly seat: Seat;
  readonly work: Work;
  readonly late: NodeJS.Timeout;
  answers: readonly HostAnswer[];
}

/** Whose calls may not begin: everybody's, or this caller's. */
type Refused = 'all' | 'caller' | undefined;

export interface WaitingCalls {
  /** A call stops to wait; those of its host calls that are new begin. */
  readonly stop: (seat: Seat, work: Work, wait: Wait) => void;
  /** Begins host calls whose answers nobody waits for, unless the call itself was withdrawn. */
  readonly begin: (work: Work, calls: readonly HostCall[]) => void;
  /** A call of `seat` that has answers, taken out. */
  readonly next: (seat: Seat) => { work: Work; answers: readonly HostAnswer[] } | undefined;
  /** A call that waits is given up; undefined when it does not wait. */
  readonly giveUp: (isIt: (work: Work) => boolean) => Work | undefined;
  /** Those of a worker that is gone, or all, taken out. */
  readonly clear: (seat?: Seat) => readonly Work[];
  readonly count: () => number;
  /** Whether a call may not begin, since it, or `more` beside it, might come to wait. */
  readonly refused: (caller: string, more: number) => Refused;
}

export interface WaitingOptions {
  readonly functions: HostFunctions;
  /** An answer has come. */
  readonly onAnswer: () => void;
  /** The time of a call is over. */
  readonly onLate: (seat: Seat, work: Work) => void;
}

/** A timer set for longer is over at once. */
const timerMsMax = 2 ** 31 - 1;

const leftOf = ({ begun, job }: Work): number =>
  Math.min(timerMsMax, Math.max(0, begun + job.task.limits.timeMsMax - performance.now()));

const refusedOf = (waiting: readonly Work[], caller: string, more: number): Refused => {
  if (waiting.length >= hostFunctionLimits.waitingMax) return 'all';
  const own = more + waiting.filter(({ job }) => job.caller === caller).length;
  return own >= hostFunctionLimits.waitingPerCallerMax ? 'caller' : undefined;
};

export const createWaitingCalls = (options: WaitingOptions): WaitingCalls => {
  const { functions, onAnswer, onLate } = options;
  const all = new Map<Work, Waiting>();
  /** Answers that came while their call ran on others; they go with it. */
  const early = new WeakMap<Work, readonly HostAnswer[]>();
  const take = (waiting: Waiting): void => {
    clearTimeout(waiting.late);
    all.delete(waiting.work);
  };
  const giveUp = (waiting: Waiting): void => {
    take(waiting);
    waiting.work.ended.end();
    waiting.seat.thread.abandon(waiting.work.serial);
  };
  const answer = (work: Work, given: HostAnswer): void => {
    const waiting = all.get(work);
    if (waiting) {
      waiting.answers = [...waiting.answers, given];
      onAnswer();
    } else if (!work.ended.isOver()) early.set(work, [...(early.get(work) ?? []), given]);
  };
  const begin = (work: Work, calls: readonly HostCall[]): void => {
    const { caller, sandbox_id } = work.job;
    if (work.ended.isOver()) return;
    for (const call of calls) {
      const context = { caller, sandbox_id, signal: work.ended.signal() };
      void callHost(functions, call, context).then((given) => {
        answer(work, given);
      });
    }
  };
  return {
    stop(seat, work, { calls, standing }) {
      work.standing = standing;
      const late = setTimeout(() => {
        const waiting = all.get(work);
        if (!waiting) return;
        giveUp(waiting);
        onLate(seat, work);
      }, leftOf(work));
      all.set(work, { seat, work, late, answers: early.get(work) ?? [] });
      early.delete(work);
      begin(work, calls);
    },
    begin,
    next(seat) {
      for (const waiting of all.values()) {
        if (waiting.seat !== seat || waiting.answers.length === 0) continue;
        take(waiting);
        return waiting;
      }
      return undefined;
    },
    giveUp(isIt) {
      const waiting = [...all.values()].find(({ work }) => isIt(work));
      if (waiting) giveUp(waiting);
      return waiting?.work;
    },
    clear(seat) {
      const gone = [...all.values()].filter((waiting) => !seat || waiting.seat === seat);
      for (const waiting of gone) {
        take(waiting);
        waiting.work.ended.end();
      }
      return gone.map(({ work }) => work);
    },
    count: () => all.size,
    refused: (caller, more) => refusedOf([...all.keys()], caller, more),
  };
};
