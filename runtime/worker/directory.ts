// Which sandbox lives in which worker: the main thread's books, in order of last use. No effects:
// what must be ended is returned, and the caller tells the worker.

import { poolLimits } from '../../contract/limits.ts';

export interface Resident {
  readonly key: string;
  /** Names the sandbox towards the workers; never used again. */
  readonly sandbox: number;
  readonly initDigest: string;
  home: number;
  memoryBytes: number;
  busy: boolean;
}

export interface Directory {
  readonly find: (key: string) => Resident | undefined;
  /** Enters a new, busy sandbox. */
  readonly enter: (key: string, initDigest: string, home: number) => Resident;
  /** Marks as just used, of this size, and free again. */
  readonly touch: (resident: Resident, memoryBytes: number) => void;
  readonly strike: (resident: Resident) => void;
  /** Strikes off all that lived in a lost worker. */
  readonly strikeHome: (home: number) => void;
  /** The sandboxes of `home` that must end so that it can take `more`; they are struck off. */
  readonly makeRoom: (home: number, more: number) => readonly number[];
  readonly countOf: (home: number) => number;
}

/** Sandboxes to end so that `home` keeps to its bounds, least recently used first. Pure. */
export const surplus = (
  residents: readonly Resident[],
  home: number,
  bounds: { readonly countMax: number; readonly bytesMax: number },
): readonly Resident[] => {
  const here = residents.filter((resident) => resident.home === home);
  let count = here.length;
  let bytes = here.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  const ended: Resident[] = [];
  for (const resident of here) {
    if (count <= bounds.countMax && bytes <= bounds.bytesMax) break;
    if (resident.busy) continue;
    ended.push(resident);
    count--;
    bytes -= resident.memoryBytes;
  }
  return ended;
};

/** Empty books. */
export const createDirectory = (): Directory => {
  const residents = new Map<string, Resident>();
  let last = 0;
  const strike = ({ key, sandbox }: Resident): void => {
    if (residents.get(key)?.sandbox === sandbox) residents.delete(key);
  };
  return {
    strike,
    find: (key) => residents.get(key),
    enter(key, initDigest, home) {
      last += 1;
      const resident = { key, sandbox: last, initDigest, home, memoryBytes: 0, busy: true };
      residents.set(key, resident);
      return resident;
    },
    touch(resident, memoryBytes) {
      resident.memoryBytes = memoryBytes;
      resident.busy = false;
      residents.delete(resident.key);
      residents.set(resident.key, resident);
    },
    strikeHome(home) {
      [...residents.values()].filter((resident) => resident.home === home).forEach(strike);
    },
    makeRoom(home, more) {
      const ended = surplus([...residents.values()], home, {
        countMax: poolLimits.sandboxesPerWorkerMax - more,
        bytesMax: poolLimits.sandboxBytesPerWorkerMax,
      });
      ended.forEach(strike);
      return ended.map(({ sandbox }) => sandbox);
    },
    countOf: (home) => [...residents.values()].filter((one) => one.home === home).length,
  };
};
