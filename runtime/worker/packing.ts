// Packs the checkpoints of sandboxes that were not used for longest, so that those that wait as
// they are keep to their bound.

import { poolLimits } from '../../contract/limits.ts';
import { pack } from '../engine/pack.ts';
import type { Directory } from './directory.ts';
import type { Resident } from './resident.ts';
import { packLent } from './spent.ts';

/** A sandbox that has another checkpoint by now keeps that. */
const replace = (
  directory: Pick<Directory, 'remember'>,
  resident: Resident,
  plain: Uint8Array,
  packed: Uint8Array,
): void => {
  const { gone, past } = resident;
  if (!gone && past.checkpoint === plain) {
    directory.remember(resident, { ...past, checkpoint: packed });
  }
};

/** To be called whenever there may be more. */
export const createPacking = (
  directory: Pick<Directory, 'remember' | 'takePlain' | 'isFull'>,
  sandboxesBytesMax: number,
): (() => void) => {
  const bytesMax = Math.min(poolLimits.plainBytesMax, sandboxesBytesMax * poolLimits.plainShareMax);
  let underWay = 0;
  const packOne = async (resident: Resident, plain: Uint8Array): Promise<void> => {
    underWay += 1;
    try {
      replace(directory, resident, plain, await packLent(plain));
    } finally {
      underWay -= 1;
    }
  };
  const make = (): void => {
    for (;;) {
      const isBusy = underWay >= poolLimits.packingMax;
      const isFull = directory.isFull();
      const slack = isBusy ? 1 + poolLimits.packingShareMax : 1;
      const resident = directory.takePlain(isFull ? 0 : slack * bytesMax);
      const plain = resident?.past.checkpoint;
      if (!resident || !plain) return;
      if (isBusy || isFull) replace(directory, resident, plain, pack(plain));
      // Where there is no memory to pack it, it stays as it is.
      else void packOne(resident, plain).then(make, () => undefined);
    }
  };
  return make;
};
