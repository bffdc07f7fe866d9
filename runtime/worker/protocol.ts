// Messages between the main thread and a worker thread. Both sides are ours and of one version, and
// no script's bytes are read as structure here, so the types alone are the contract.

import type { MessagePort } from 'node:worker_threads';
import type { HostAnswer, HostCall } from '../engine/host-calls.ts';
import type { Wait } from '../engine/stage.ts';
import type { InitImage, NamedImage } from '../sandbox/init-image.ts';
import type { Entry, Weight } from '../sandbox/journal.ts';
import type { Task, Untimed } from '../sandbox/evaluate.ts';

/** What a worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  /** Flags of the ABI's `boot`. */
  readonly bootFlags: number;
  /** Names of the host functions. */
  readonly hostNames: readonly string[];
  /** Tasks and their answers. */
  readonly tasks: MessagePort;
  /** Messages that are read in the middle of an evaluation. */
  readonly control: MessagePort;
  /** Words shared with this worker, see `signals`. */
  readonly signals: SharedArrayBuffer;
  /** Words shared with all workers, see `traffic`. */
  readonly traffic: SharedArrayBuffer;
}

/** Where a task's sandbox comes from. `sandbox` is the name it is kept under. */
export type Origin =
  /** Made from an init image, or else from the boot image and by running INIT. */
  | { readonly kind: 'new'; readonly sandbox: number | undefined; readonly image?: number }
  /** `since`: what it has done since its last checkpoint. */
  | { readonly kind: 'live'; readonly sandbox: number; readonly since: Weight }
  | {
      readonly kind: 'dormant';
      readonly sandbox: number;
      readonly image: number | undefined;
      readonly checkpoint: Uint8Array | undefined;
      readonly journal: readonly Entry[];
    };

/** A call from its beginning. */
export interface EvaluateMessage {
  readonly kind: 'evaluate';
  /** Counts the calls of this worker. */
  readonly serial: number;
  readonly task: Task;
  /** It counts as slow from its beginning. */
  readonly slow: boolean;
  /** It is stopped when it turns out slow, unless it has waited for host functions. */
  readonly trial: boolean;
  /** Fuel that such calls use on average. */
  readonly fuelExpected: number;
  readonly origin: Origin;
  readonly news?: News | undefined;
}

/** What a worker must know before a call, if there is anything. */
export interface News {
  /** Sandboxes to end. */
  readonly forget: readonly number[];
  /** Init images that this worker does not know yet, and those it need not know any more. */
  readonly learn: readonly NamedImage[];
  readonly unlearn: readonly number[];
}

/** Main thread -> worker, one at a time: the next when the last is answered. */
export type TaskMessage =
  | EvaluateMessage
  /** A call goes on that waited for host functions. */
  | { readonly kind: 'resume'; readonly serial: number; readonly answers: readonly HostAnswer[] };

/** Main thread -> worker on the control port, at any time. */
export type ControlMessage =
  /** Copy a live sandbox out and end it there. */
  | { readonly kind: 'rest'; readonly sandbox: number }
  /** End it. */
  | { readonly kind: 'forget'; readonly sandbox: number }
  /** Give up a call that waits for host functions, and its sandbox with it. */
  | { readonly kind: 'abandon'; readonly serial: number };

export interface EvaluatedMessage {
  readonly kind: 'evaluated';
  readonly outcome: Untimed;
  /** The stages of this call that the sandbox has in it, with the fuel that each used. */
  readonly ran: readonly Pick<Entry, 'stage' | 'fuel'>[];
  /** Bytes that the slot takes which the call has run in. */
  readonly slotBytes: number;
  readonly restoreUs: number;
  readonly runUs: number;
  /** What INIT has left, when it is worth keeping; the sandbox has it as its base. */
  readonly image: InitImage | undefined;
  readonly cause: string | undefined;
  /** Calls of host functions whose answers nobody waits for. */
  readonly unawaited: readonly HostCall[];
  /** What the sandbox is now, when it cannot be had by running its journal again. */
  readonly checkpoint: Uint8Array | undefined;
  /** A checkpoint of this sandbox follows before anything else is done. */
  readonly checkpointing: boolean;
}

/** The call waits for host functions; the worker is free for others. */
export interface PendingMessage extends Wait {
  readonly kind: 'pending';
}

/** What a sandbox is, as bytes. */
export interface CheckpointMessage {
  /**
   * `replayed`: before the call that is about to run. `checkpoint`: after its last call here.
   * `rested`: the same, and it is live no more.
   */
  readonly kind: 'replayed' | 'checkpoint' | 'rested';
  readonly sandbox: number;
  readonly bytes: Uint8Array;
}

/** Worker -> main thread. */
export type WorkerMessage =
  { readonly kind: 'ready' } | EvaluatedMessage | PendingMessage | CheckpointMessage;

/**
 * Words of a worker's shared buffer: `mail` is non-zero while the control port may hold a message,
 * `gone` the serial of a call that nobody waits for, `fuel` is 64 bits wide; `tasks` and `answers`
 * count what was sent on the port of tasks.
 */
export const signals = { bytes: 24, mail: 0, gone: 1, fuel: 1, tasks: 4, answers: 5 } as const;

/**
 * Words that all workers read: calls that run and are not slow, all that run, cores, and how many
 * calls have begun so far.
 */
export const traffic = { bytes: 16, urgent: 0, running: 1, cores: 2, begun: 3 } as const;
