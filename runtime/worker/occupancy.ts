// Which worker runs what, and what follows from that for others: how many urgent calls run, whose
// calls tend to be slow, and how busy each worker has been.

import { poolLimits } from '../../contract/limits.ts';
import type { Outcome } from '../../contract/outcome.ts';
import { createForecast } from './forecast.ts';
import { meanWith } from './habits.ts';
import type { Guest } from './placement.ts';
import type { Job } from './queue.ts';
import type { EvaluateMessage } from './protocol.ts';
import type { Resident } from './resident.ts';
import type { Seat, Work } from './seat.ts';
import { createTraffic } from './traffic.ts';
import { createTrials } from './trials.ts';

type Expected = Pick<EvaluateMessage, 'slow' | 'trial' | 'fuelExpected'>;

export interface Occupancy {
  /** The words of the traffic, for the threads. */
  readonly words: SharedArrayBuffer;
  readonly begin: (seat: Seat, work: Work) => void;
  /** The worker is free; gives the call that it had. */
  readonly leave: (seat: Seat) => Work;
  /** What a worker runs may have become slow without a word. */
  readonly passBy: (seat: Seat) => void;
  /** Whether this caller's calls tend to be slow. */
  readonly isSlow: (caller: string) => boolean;
  /** What this job's call on this sandbox is taken to be like. */
  readonly expect: (job: Job, resident: Resident | undefined, trial: boolean) => Expected;
  /** Whose job it is, as placement sees it; `trial`: beyond what he may have running. */
  readonly guestOf: (job: Job, resident: Resident | undefined, trial: boolean) => Guest;
  /** A job of this caller waits for a worker: others' calls on trial end at their next quantum. */
  readonly hurry: (seats: readonly Seat[], caller: string) => void;
  /** Takes note of how long a call was; true: too long for the trial that it was on. */
  readonly judge: (seat: Seat, work: Work, status: Outcome['status']) => boolean;
  /** All has begun that can begin. */
  readonly settle: () => void;
  /** A sandbox that was live in one worker will be in another, and its calls with it. */
  readonly moved: (from: Seat, to: Seat) => void;
}

/** @param workers how many calls run beside one another without slowing each other down */
export const createOccupancy = (workers: number): Occupancy => {
  const traffic = createTraffic(workers);
  const forecast = createForecast();
  const trials = createTrials();
  const trialOf = (job: Job, resident: Resident | undefined): Guest['trial'] => {
    const trial = trials.of(job.caller, resident, performance.now());
    return trial === 'this' && forecast.isTooLong(job) ? 'another' : trial;
  };
  return {
    words: traffic.words,
    begin(seat, work) {
      seat.work = work;
      seat.share.set(1, performance.now());
      traffic.begin(work.urgent);
    },
    leave(seat) {
      const { work } = seat;
      if (!work) throw new Error('an answer that nobody asked for');
      const now = performance.now();
      seat.work = undefined;
      seat.idleSince = now;
      seat.share.set(0, now);
      // What was told to end says nothing of what it would have taken.
      if (!work.hurried) {
        forecast.ended(work.job, now - work.since, seat.thread.fuelGranted());
      }
      traffic.leave(work.urgent);
      return work;
    },
    passBy({ work }) {
      if (!work?.urgent || performance.now() - work.since < poolLimits.slowAfterMs) return;
      work.urgent = false;
      traffic.slow();
    },
    isSlow: forecast.isSlow,
    settle: traffic.settle,
    expect: (job, resident, trial) => ({
      trial,
      slow: !trial && forecast.isSlow(job.caller),
      fuelExpected: trial ? 0 : forecast.fuelOf(job, resident),
    }),
    guestOf: (job, resident, trial) => ({
      caller: job.caller,
      slow: forecast.isSlow(job.caller),
      trial: trial ? trialOf(job, resident) : 'none',
    }),
    hurry(seats, caller) {
      for (const { work, thread } of seats) {
        if (!work?.trial || work.job.caller === caller || work.hurried) continue;
        work.hurried = true;
        thread.stop(work.serial);
      }
    },
    judge({ thread }, { job, resident, trial, hurried, ended }, status) {
      const fuel = thread.fuelGranted();
      const slow = fuel >= poolLimits.trialFuel;
      if (resident) {
        resident.slow = slow;
        if (!hurried) resident.fuelMean = meanWith(resident.fuelMean ?? fuel, fuel);
      }
      if (!trial || ended.isOver()) return false;
      const failed = (slow || hurried === true) && status === 'OUT_OF_TIME';
      trials.ended(job.caller, failed, performance.now());
      return failed;
    },
    moved(from, to) {
      from.share.shift(-poolLimits.movedShare);
      to.share.shift(poolLimits.movedShare);
    },
  };
};
