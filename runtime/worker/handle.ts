// A sandbox as an embedder holds it: made once, called many times, copied, ended.

import type { Evaluation } from '../../contract/request.ts';
import type { Outcome } from '../../contract/outcome.ts';

/** What a call of a sandbox may say beside its script. */
export type SandboxCall = Omit<Evaluation, 'sandbox_id' | 'init_script'>;

export interface Sandbox extends Disposable {
  readonly id: string;
  readonly caller: string;
  readonly init_script: string;
  /** Evaluates a script; calls run one after another, in the order in which they were made. */
  readonly evaluate: (call: string | SandboxCall, signal?: AbortSignal) => Promise<Outcome>;
  /**
   * The sandbox as its last answer left it. Keep the bytes as you would keep code: an engine
   * believes them. Throws when the sandbox has never been called, or is lost.
   */
  readonly snapshot: () => Uint8Array;
  /** Ends it. Also what `using` does. */
  readonly end: () => void;
}

export interface SandboxOptions {
  readonly init_script?: string;
  /** Whose it is; sandboxes of different callers share nothing, not even the time to make them. */
  readonly caller?: string;
  /** A random one when absent. */
  readonly id?: string;
}

interface Parts {
  readonly evaluate: (
    evaluation: Evaluation,
    caller: string,
    signal?: AbortSignal,
  ) => Promise<Outcome>;
  readonly forget: (id: string, caller: string) => boolean;
  readonly snapshot: (id: string, caller: string, init_script: string) => Uint8Array;
}

export const createHandle = (
  { evaluate, forget, snapshot }: Parts,
  { init_script = '', caller = '', id = crypto.randomUUID() }: SandboxOptions,
): Sandbox => {
  const end = (): void => {
    forget(id, caller);
  };
  return {
    ...{ id, caller, init_script, end },
    evaluate(call, signal) {
      const given = typeof call === 'string' ? { script: call } : call;
      return evaluate({ ...given, sandbox_id: id, init_script }, caller, signal);
    },
    snapshot: () => snapshot(id, caller, init_script),
    [Symbol.dispose]: end,
  };
};
