// The library: an engine that evaluates other people's JavaScript. See README.md for ten lines that
// use it.

import { hash, randomInt } from 'node:crypto';
import { idOrNull, integer } from '../contract/bounded.ts';
import { archiveLimits, requestLimits } from '../contract/limits.ts';
import { explain, show, type Fault } from '../contract/explain.ts';
import { Refusal } from '../contract/failure.ts';
import type { EvaluationLimits, SandboxLimits } from '../contract/limits.ts';
import { exampleRequest, type CheckedRequest, type Evaluation } from '../contract/request.ts';
import { checkEvaluation } from '../contract/validate.ts';
import { loadModule, type EngineModule } from './engine/module.ts';
import { createHandle, type Sandbox, type SandboxOptions } from './worker/handle.ts';
import { hostNamesOf, type HostFunctions } from './worker/host-functions.ts';
import { decodeSnapshot, encodeSnapshot } from './worker/snapshot.ts';
import { openStateLog, type StateLog } from './state/index.ts';
import { limitsOf, refuseUnknown, sandboxesOf, workersOf } from './worker/options.ts';
import { Pool } from './worker/pool.ts';
import { threadsOf } from './worker/threads.ts';
import type { Load } from './worker/load.ts';
import type { PoolEvent } from './worker/seat.ts';
import type { Outcome } from '../contract/outcome.ts';
import type { Task } from './sandbox/evaluate.ts';

export type { Evaluation, ExecuteRequest } from '../contract/request.ts';
export type { Completed, Outcome, Stopped, Usage } from '../contract/outcome.ts';
export type { EvaluationLimits, SandboxLimits } from '../contract/limits.ts';
export type { HostContext, HostFunction, HostFunctions } from './worker/host-functions.ts';
export type { Sandbox, SandboxCall, SandboxOptions } from './worker/handle.ts';
export type { PoolEvent } from './worker/seat.ts';
export { Refusal } from '../contract/failure.ts';

export interface StateOptions {
  readonly folder: string;
  /** Bytes on disk, 64 MiB at least; beyond them the least recently used sandboxes go. */
  readonly bytesMax?: number;
}

export interface EngineOptions {
  /**
   * Worker threads; one per CPU when absent. 0: calls run in the caller's thread, which answers
   * sooner, but nothing else runs there meanwhile and no signal stops a call that computes.
   */
  readonly workers?: number;
  /** Limits that differ from the documented defaults; requests may lower them further. */
  readonly limits?: Partial<EvaluationLimits>;
  /** How many sandboxes are kept, and how long; documented defaults for what is absent. */
  readonly sandboxes?: Partial<SandboxLimits>;
  /**
   * Functions that scripts may call, as `host.NAME(argument)`, which is a promise: JSON in and out.
   * What one has done stays done when the sandbox is rolled back.
   */
  readonly host?: HostFunctions;
  /** A folder in which sandboxes outlive the process, for one engine at a time. */
  readonly state?: StateOptions;
  /** Told what the operator should know: lost workers, the causes of internal errors. */
  readonly log?: (event: PoolEvent) => void;
  /** Another interpreter than the one that ships. */
  readonly module?: EngineModule;
  /** Flags of the ABI's `boot`, as for the conformance suite. */
  readonly bootFlags?: number;
}

export interface Engine extends AsyncDisposable {
  /** Name and digest of the interpreter. */
  readonly name: string;
  readonly limits: EvaluationLimits;
  /**
   * Evaluates one request to an outcome: expected failures are outcomes, not exceptions. Sandboxes
   * are those of `caller` alone. Throws a Refusal when the request is malformed, the queue is full
   * or the engine closed, and the reason of `signal` when that aborts: a call that runs is stopped
   * and its sandbox rolled back.
   */
  readonly evaluate: (
    evaluation: Evaluation,
    caller?: string,
    signal?: AbortSignal,
  ) => Promise<Outcome>;
  /** The same for a request that has been checked, as the server's. */
  readonly evaluateChecked: (
    request: CheckedRequest,
    caller: string,
    signal?: AbortSignal,
  ) => Promise<Outcome>;
  /** Ends a sandbox of `caller`; false when there is none of this id. */
  readonly forget: (id: string, caller?: string) => boolean;
  /** A sandbox to hold on to; it is made by its first call. */
  readonly sandbox: (options?: SandboxOptions) => Sandbox;
  /**
   * The sandbox of a snapshot, under an id of its own. Throws a TypeError when the bytes are
   * damaged, or of an engine with another interpreter or other host functions.
   */
  readonly restore: (
    snapshot: Uint8Array,
    options?: Omit<SandboxOptions, 'init_script'>,
  ) => Sandbox;
  /** Sandboxes kept, and the bytes that they take beside the memory of live ones. */
  readonly kept: () => { readonly sandboxes: number; readonly bytes: number };
  /** Evaluations under way: those that run, those of them that are slow, those that wait. */
  readonly load: () => Load;
  /** Fuel granted so far to the evaluation that has had most. */
  readonly fuelGranted: () => number;
  readonly close: () => Promise<void>;
}

const optionNames = 'workers limits sandboxes host state log module bootFlags'.split(' ');

/** What a sandbox is belongs to this interpreter, booted like this, with these host functions. */
const bindingOf = ({ bootFlags = 0, host = {} }: EngineOptions, name: string): string =>
  JSON.stringify(['sandboxes 2', name, bootFlags, hostNamesOf(host)]);

/** Plain JavaScript may hand over anything: with a bound that is no number nothing is kept. */
const checkedState = (state: StateOptions): Required<StateOptions> => {
  const { folder, bytesMax = archiveLimits.bytesMax, ...rest } = state as Partial<StateOptions>;
  if (typeof folder !== 'string' || folder === '') {
    throw new RangeError(`state.folder: expected a path, got ${show(folder)}`);
  }
  refuseUnknown('state', rest, ['folder', 'bytesMax']);
  const bytes = integer(archiveLimits.bytesMin, Number.MAX_SAFE_INTEGER);
  if (!bytes.is(bytesMax)) {
    throw new RangeError(`state.bytesMax: expected ${bytes.name}, got ${show(bytesMax)}`);
  }
  return { folder, bytesMax };
};

const openState = async (options: EngineOptions, name: string): Promise<StateLog | undefined> => {
  const { state, log } = options;
  if (!state) return undefined;
  return openStateLog({
    ...checkedState(state),
    binding: bindingOf(options, name),
    log(event) {
      log?.({ event: 'state', id: crypto.randomUUID(), cause: JSON.stringify(event) });
    },
  });
};

/** Sandboxes that an embedder holds on to. */
const handles = (
  pool: Pool,
  binding: string,
  engine: Pick<Engine, 'evaluate' | 'forget'>,
): Pick<Engine, 'sandbox' | 'restore'> => {
  const snapshot = (id: string, caller: string, init_script: string): Uint8Array => {
    const past = pool.books.pastOf(keyOf(caller, id), digestOf(init_script));
    if (!past) throw new Error(`there is no sandbox ${id}: it was never called, or it is lost`);
    return encodeSnapshot({ init_script, past }, binding);
  };
  const sandbox: Engine['sandbox'] = (options = {}) => {
    refuseCaller(options.caller ?? '');
    refuseId(options.id);
    return createHandle({ ...engine, snapshot }, options);
  };
  return {
    sandbox,
    restore(bytes, options = {}) {
      const { init_script, past } = decodeSnapshot(bytes, binding);
      const restored = sandbox({ ...options, init_script });
      const { caller, id } = restored;
      pool.books.adopt(keyOf(caller, id), digestOf(init_script), past);
      return restored;
    },
  };
};

/** What a request leaves open; `limits` are the server's. */
const taskOf = (request: CheckedRequest, limits: EvaluationLimits): Task => ({
  init_script: request.init_script,
  script: request.script,
  input: request.input_json,
  seed: BigInt(request.seed ?? randomInt(2 ** 48 - 1)),
  // JSON, in which journals are kept, has no -0.
  now: (request.now ?? Date.now()) + 0,
  limits: {
    ...limits,
    fuelMax: request.limits?.fuel ?? limits.fuelMax,
    memoryBytesMax: request.limits?.memory_bytes ?? limits.memoryBytesMax,
  },
});

/** What one call names the next one often does too. */
const createDigest = () => {
  let last = { text: '', digest: hash('sha256', '') };
  return (text: string): string => {
    if (text !== last.text) last = { text, digest: hash('sha256', text) };
    return last.digest;
  };
};
const digestOf = createDigest();

/** Two callers can never share a sandbox: each part of the key carries its length. */
const keyOf = (caller: string, id: string): string => `${caller.length}:${caller}${id}`;

const refuse = (faults: readonly Fault[]): never => {
  throw new Refusal('INVALID_REQUEST', explain(faults, exampleRequest));
};

const checked = (evaluation: Evaluation, limits: EvaluationLimits): CheckedRequest => {
  const request = checkEvaluation(evaluation, limits);
  return request.ok ? request.value : refuse(request.faults);
};

/** A number as caller has no length to tell it from another: 1 and `1x` would be 11 and `x`. */
const refuseCaller = (caller: unknown): void => {
  if (typeof caller === 'string') return;
  refuse([{ path: 'caller', expected: 'a string', came: show(caller) }]);
};

/** One that no call could name would be adopted for nothing, and 5 would end the sandbox of `5`. */
const refuseId = (id: unknown): void => {
  const { name, is } = idOrNull(requestLimits.sandboxIdCharsMax);
  if (id === undefined || (id !== null && is(id))) return;
  refuse([{ path: 'id', expected: name.replace(/, or null$/, ''), came: show(id) }]);
};

const submit = async (
  pool: Pool,
  limits: EvaluationLimits,
  request: CheckedRequest,
  caller: string,
  signal?: AbortSignal,
): Promise<Outcome> => {
  refuseCaller(caller);
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const job = {
    caller,
    sandbox_id: request.sandbox_id,
    since: performance.now(),
    key: request.sandbox_id === null ? null : keyOf(caller, request.sandbox_id),
    initDigest: digestOf(request.init_script),
    task: taskOf(request, limits),
    resolve,
    reject,
  };
  pool.submit(job);
  if (!signal) return promise;
  const abort = (): void => {
    pool.withdraw(job, signal.reason as Error);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

/**
 * Starts worker threads, boots the interpreter in each, and resolves when all can evaluate. Rejects
 * with a RangeError when an option is out of its range.
 */
export const createEngine = async (options: EngineOptions = {}): Promise<Engine> => {
  refuseUnknown('options', options, optionNames);
  const limits = limitsOf(options.limits);
  const threads = threadsOf(workersOf(options.workers));
  hostNamesOf(options.host);
  const module = options.module ?? (await loadModule());
  const pool = new Pool(module, {
    threads,
    bootFlags: options.bootFlags ?? 0,
    sandboxes: sandboxesOf(options.sandboxes, threads.workers),
    host: options.host ?? {},
    state: await openState(options, module.name),
    log: options.log ?? (() => undefined),
  });
  try {
    await pool.ready;
  } catch (error) {
    await pool.close();
    throw error;
  }
  const close = () => pool.close();
  // Async, so that a refusal is a rejection and never a synchronous throw.
  const evaluate: Engine['evaluate'] = async (evaluation, caller = '', signal) =>
    submit(pool, limits, checked(evaluation, limits), caller, signal);
  const forget: Engine['forget'] = (id, caller = '') => {
    refuseCaller(caller);
    return pool.books.forget(keyOf(caller, id));
  };
  return {
    name: module.name,
    limits,
    evaluate,
    forget,
    ...handles(pool, bindingOf(options, module.name), { evaluate, forget }),
    evaluateChecked: (request, caller, signal) => submit(pool, limits, request, caller, signal),
    kept: () => pool.books.kept(),
    load: () => pool.load(),
    fuelGranted: () => pool.fuelGranted(),
    close,
    [Symbol.asyncDispose]: close,
  };
};
