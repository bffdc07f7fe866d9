// Messages between the main thread and a worker thread. Both sides are ours and of one version, and
// no script's bytes are read as structure here, so the types alone are the contract.

import type { Image } from '../engine/image.ts';
import type { Outcome } from '../../contract/outcome.ts';
import type { Task } from '../sandbox/evaluate.ts';
import type { MessagePort } from 'node:worker_threads';

/** What a worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly engine: string;
  /** Flags of the ABI's `boot`. */
  readonly bootFlags: number;
  /** Messages that are read in the middle of an evaluation. */
  readonly control: MessagePort;
  /** Shared words, see `signals`. */
  readonly signals: SharedArrayBuffer;
}

/** Where a task's sandbox comes from. */
export type Origin =
  /** A realm of its own, dropped after the call. */
  | { readonly kind: 'one-shot' }
  | { readonly kind: 'created'; readonly sandbox: number }
  | { readonly kind: 'live'; readonly sandbox: number }
  /** Handed over by another worker. */
  | { readonly kind: 'moved'; readonly sandbox: number; readonly image: Image };

/** Main thread -> worker, one at a time: the next when the last is answered. */
export interface EvaluateMessage {
  readonly task: Task;
  readonly origin: Origin;
  /** Sandboxes to end first. */
  readonly forget: readonly number[];
}

/** Main thread -> worker on the control port, at any time. */
export type ControlMessage =
  /** Copy the sandbox out and end it there. */
  | { readonly kind: 'release'; readonly sandbox: number }
  /** End it. */
  | { readonly kind: 'forget'; readonly sandbox: number };

/** Worker -> main thread. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'evaluated';
      readonly outcome: Outcome;
      readonly cause: string | undefined;
    }
  | { readonly kind: 'released'; readonly sandbox: number; readonly image: Image };

/** Words of the shared buffer: `mail` is non-zero while the control port may hold a message. */
export const signals = { bytes: 16, mail: 0, fuel: 1 } as const;
