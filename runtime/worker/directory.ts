// Which sandbox lives in which worker: the main thread's books, in order of last use. No effects:
// what must be ended is returned, and the caller tells the worker.

import type { SandboxLimits } from '../../contract/limits.ts';

export interface Resident {
  readonly key: string;
  /** Names the sandbox towards the workers; never used again. */
  readonly sandbox: number;
  readonly initDigest: string;
  home: number;
  memoryBytes: number;
  busy: boolean;
  /** When it was last used, in milliseconds of a monotonic clock. */
  usedAt: number;
}

export interface Directory {
  readonly find: (key: string) => Resident | undefined;
  /** Enters a new, busy sandbox. */
  readonly enter: (key: string, initDigest: string, home: number) => Resident;
  /** Marks as used at `now`, of this size, and free again. */
  readonly touch: (resident: Resident, memoryBytes: number, now: number) => void;
  /** Strikes off all that nobody has used since `usedAt`, and gives them. */
  readonly strikeIdle: (usedAt: number) => readonly Resident[];
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

/** Empty books of so many workers, which have equal shares of what all sandboxes may hold. */
export const createDirectory = (limits: SandboxLimits, workers: number): Directory => {
  const share = (all: number): number => Math.ceil(all / workers);
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
      const resident = {
        key,
        sandbox: last,
        initDigest,
        home,
        memoryBytes: 0,
        busy: true,
        usedAt: 0,
      };
      residents.set(key, resident);
      return resident;
    },
    touch(resident, memoryBytes, now) {
      resident.usedAt = now;
      resident.memoryBytes = memoryBytes;
      resident.busy = false;
      residents.delete(resident.key);
      residents.set(resident.key, resident);
    },
    strikeIdle(usedAt) {
      const idle = [...residents.values()].filter((one) => !one.busy && one.usedAt < usedAt);
      idle.forEach(strike);
      return idle;
    },
    strikeHome(home) {
      [...residents.values()].filter((resident) => resident.home === home).forEach(strike);
    },
    makeRoom(home, more) {
      const ended = surplus([...residents.values()], home, {
        countMax: share(limits.sandboxesMax) - more,
        bytesMax: share(limits.sandboxesBytesMax),
      });
      ended.forEach(strike);
      return ended.map(({ sandbox }) => sandbox);
    },
    countOf: (home) => [...residents.values()].filter((one) => one.home === home).length,
  };
};
