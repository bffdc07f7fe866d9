// The sandboxes that are live in one worker, in order of last use, and which of them is to rest.

import { journalLimits, poolLimits } from '../../contract/limits.ts';
import { isLight } from '../sandbox/journal.ts';
import type { Resident } from './resident.ts';

export interface Home {
  readonly residents: () => Iterable<Resident>;
  readonly count: () => number;
  readonly add: (resident: Resident) => void;
  readonly remove: (resident: Resident) => void;
  /** What it takes to make it again has changed. */
  readonly changed: (resident: Resident) => void;
  /** The next to rest so that the bounds are kept, least recently used first. */
  readonly tired: (bytesMax: number) => Resident | undefined;
}

/** The first that no call runs on. */
export const firstFree = (residents: Iterable<Resident>): Resident | undefined => {
  for (const resident of residents) if (!resident.busy) return resident;
  return undefined;
};

/** Whether to make it again takes so little that it need not hold a slot for long. */
const isCheap = ({ past: { image, checkpoint, journal } }: Resident): boolean =>
  !checkpoint &&
  isLight(journal) &&
  (image?.delta.blocks.length ?? 0) <= journalLimits.lightImageBytesMax;

export const createHome = (): Home => {
  const residents = new Set<Resident>();
  const cheap = new Set<Resident>();
  let bytes = 0;
  return {
    residents: () => residents,
    count: () => residents.size,
    add(resident) {
      residents.add(resident);
      if (isCheap(resident)) cheap.add(resident);
      bytes += resident.slotBytes;
    },
    remove(resident) {
      cheap.delete(resident);
      if (residents.delete(resident)) bytes -= resident.slotBytes;
    },
    changed(resident) {
      if (!isCheap(resident)) cheap.delete(resident);
    },
    tired(bytesMax) {
      if (cheap.size > poolLimits.liveCheapPerWorkerMax) return firstFree(cheap);
      const over = residents.size > poolLimits.livePerWorkerMax || bytes > bytesMax;
      return over ? firstFree(residents) : undefined;
    },
  };
};
