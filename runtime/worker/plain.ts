// The sandboxes whose checkpoints wait as they are, in order of last use, and which is to be packed
// next.

import { isPlain } from '../engine/checkpoint.ts';
import type { Resident } from './resident.ts';

export interface Plain {
  /** It is the last that was used. */
  readonly add: (resident: Resident) => void;
  readonly remove: (resident: Resident) => void;
  /** Takes off the least recently used one when all take more bytes than that. */
  readonly take: (bytesMax: number) => Resident | undefined;
}

export const createPlain = (): Plain => {
  const sizes = new Map<Resident, number>();
  let bytes = 0;
  const remove = (resident: Resident): void => {
    bytes -= sizes.get(resident) ?? 0;
    sizes.delete(resident);
  };
  return {
    remove,
    add(resident) {
      remove(resident);
      const { checkpoint } = resident.past;
      if (!checkpoint || !isPlain(checkpoint)) return;
      sizes.set(resident, checkpoint.length);
      bytes += checkpoint.length;
    },
    take(bytesMax) {
      const [oldest] = bytes > bytesMax ? sizes.keys() : [];
      if (oldest) remove(oldest);
      return oldest;
    },
  };
};
