// What a pool of workers is made with.

import type { SandboxLimits } from '../../contract/limits.ts';
import type { StateLog } from '../state/index.ts';
import type { HostFunctions } from './host-functions.ts';
import type { PoolEvent } from './seat.ts';
import type { Threads } from './threads.ts';

export interface PoolOptions {
  readonly threads: Threads;
  /** Flags of the ABI's `boot`. */
  readonly bootFlags: number;
  readonly sandboxes: SandboxLimits;
  readonly host: HostFunctions;
  /** Where sandboxes outlive the process. */
  readonly state: StateLog | undefined;
  readonly log: (event: PoolEvent) => void;
}
