// The main thread's books: every sandbox, what it takes to make it again, and in which worker it is
// live, if any. In order of last use. No effects: who must rest or end is returned, and the caller
// tells the workers.

import { poolLimits, type SandboxLimits } from '../../contract/limits.ts';
import type { NamedImage } from '../sandbox/init-image.ts';
import { createHome, firstFree, type Home } from './home.ts';
import { createPlain } from './plain.ts';
import { remakeMsOf, type Past, type Resident } from './resident.ts';

export interface Directory {
  readonly find: (key: string) => Resident | undefined;
  /** Enters a new, busy sandbox. */
  readonly enter: (key: string, initDigest: string, past: Past) => Resident;
  /** It is the last that was used, at `now`. */
  readonly use: (resident: Resident, now: number) => void;
  /** It is live in `home`, of this size, used at `now`. */
  readonly settle: (resident: Resident, home: number, slotBytes: number, now: number) => void;
  /** It is live nowhere. */
  readonly unsettle: (resident: Resident) => void;
  readonly remember: (resident: Resident, past: Past) => void;
  readonly strike: (resident: Resident) => void;
  /** Those that are live in `home`. */
  readonly liveIn: (home: number) => readonly Resident[];
  /** How many they are. */
  readonly liveCount: (home: number) => number;
  /** The next to rest so that `home` keeps to its bounds, least recently used first. */
  readonly tired: (home: number) => Resident | undefined;
  /** The next to forget so that all keep to their bounds, least recently used first. */
  readonly surplus: () => Resident | undefined;
  /** Whether they take more bytes than they may. */
  readonly isFull: () => boolean;
  /** Takes off the next to pack so that checkpoints as they are keep to so many bytes. */
  readonly takePlain: (bytesMax: number) => Resident | undefined;
  /** The least recently used one that nobody has used since `usedAt`. */
  readonly idle: (usedAt: number) => Resident | undefined;
  readonly count: () => number;
  /** Bytes that all of them take beside the memory of live ones, init images included. */
  readonly bytes: () => number;
}

const bytesOf = ({ key, past }: Resident): number =>
  poolLimits.dormantBytes + 2 * key.length + (past.checkpoint?.length ?? 0) + past.journal.bytes;

/** Bytes of what sandboxes hold; an image that several hold counts once. */
const createLoad = () => {
  const holders = new Map<NamedImage, number>();
  let bytes = 0;
  return {
    bytes: () => bytes,
    add(resident: Resident) {
      bytes += bytesOf(resident);
      const { image } = resident.past;
      if (!image) return;
      const before = holders.get(image) ?? 0;
      holders.set(image, before + 1);
      if (before === 0) bytes += image.delta.blocks.length;
    },
    remove(resident: Resident) {
      bytes -= bytesOf(resident);
      const { image } = resident.past;
      if (!image) return;
      const left = (holders.get(image) ?? 0) - 1;
      if (left > 0) {
        holders.set(image, left);
        return;
      }
      holders.delete(image);
      bytes -= image.delta.blocks.length;
    },
  };
};

/** The home of each worker, empty when first asked for. */
const createHomes = () => {
  const homes = new Map<number, Home>();
  return (index: number): Home => {
    const home = homes.get(index) ?? createHome();
    homes.set(index, home);
    return home;
  };
};

const enteredAs = (sandbox: number, key: string, initDigest: string, past: Past): Resident => ({
  ...{ key, sandbox, initDigest, past, home: undefined },
  ...{ slotBytes: 0, remakeMs: 0, busy: true, usedAt: 0, gone: false },
  ...{ made: false, slow: false, fuelMean: undefined },
});

/** Empty books; the workers have equal shares of what may be live. */
export const createDirectory = (limits: SandboxLimits, workers: number): Directory => {
  const liveBytesMax = limits.sandboxesBytesMax / 2 / workers;
  const residents = new Map<string, Resident>();
  let last = 0;
  const load = createLoad();
  const homeOf = createHomes();
  const plain = createPlain();
  const isFull = (): boolean => load.bytes() > limits.sandboxesBytesMax / 2;
  const unsettle = (resident: Resident): void => {
    if (resident.home !== undefined) homeOf(resident.home).remove(resident);
    resident.home = undefined;
  };
  const use = (resident: Resident, now: number): void => {
    resident.usedAt = now;
    residents.delete(resident.key);
    residents.set(resident.key, resident);
  };
  return {
    use,
    unsettle,
    find: (key) => residents.get(key),
    enter(key, initDigest, past) {
      last += 1;
      const resident = enteredAs(last, key, initDigest, past);
      residents.set(key, resident);
      load.add(resident);
      return resident;
    },
    settle(resident, home, slotBytes, now) {
      unsettle(resident);
      resident.slotBytes = slotBytes;
      resident.home = home;
      homeOf(home).add(resident);
      use(resident, now);
    },
    remember(resident, past) {
      if (!resident.gone) load.remove(resident);
      resident.past = past;
      resident.remakeMs = remakeMsOf(past);
      resident.made = true;
      if (resident.home !== undefined) homeOf(resident.home).changed(resident);
      if (resident.gone) return;
      load.add(resident);
      plain.add(resident);
    },
    strike(resident) {
      unsettle(resident);
      if (resident.gone) return;
      resident.gone = true;
      load.remove(resident);
      plain.remove(resident);
      residents.delete(resident.key);
    },
    liveIn: (home) => [...homeOf(home).residents()],
    liveCount: (home) => homeOf(home).count(),
    tired: (home) => homeOf(home).tired(liveBytesMax),
    isFull,
    surplus: () =>
      isFull() || residents.size > limits.sandboxesMax ? firstFree(residents.values()) : undefined,
    idle(usedAt) {
      const oldest = firstFree(residents.values());
      return oldest && oldest.usedAt < usedAt ? oldest : undefined;
    },
    takePlain: plain.take,
    count: () => residents.size,
    bytes: load.bytes,
  };
};
