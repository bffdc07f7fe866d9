// The host's twin of interpreter/ABI.md: names, numbers and types that cross into an interpreter.
// A test compares them with what the built module imports and exports.

/** Bits of `evaluate`'s flags. */
export const evaluateFlags = { GLOBAL: 1, INPUT: 2, INIT: 4 } as const;

/** Bits of `boot`'s flags. */
export const bootFlags = { TEST262: 1 } as const;

/** What `evaluate` and `resume` return. */
export const evaluateStatus = { OK: 0, THROWN: 1, PENDING: 2 } as const;

/** First argument of the import `result`. */
export const resultKind = { JSON: 0, MESSAGE: 1, STACK: 2 } as const;

/** First argument of the import `fatal`. */
export const fatalReason = { PANIC: 1, MEMORY: 2, STACK: 3 } as const;

/** Bits of the import `observed`; HOST is set by the host itself. */
export const observation = { CLOCK: 1, RANDOM: 2, HOST: 4 } as const;

/** What the import `call` returns when the host does not take a call. */
export const callRefusal = { TOO_LONG: -1, TOO_MANY: -2, REFUSED: -3 } as const;

/** Values of the global `meter.trap`. */
export const trapReason = { NONE: 0, FUEL: 1, MEMORY: 2, STACK: 3 } as const;

export const abiVersion = 1;

/** All that an interpreter may import, by module. Whatever else it asks for is refused. */
export const allowedImports: Readonly<Record<string, readonly string[]>> = {
  wasi_snapshot_preview1: [
    'fd_write',
    'clock_time_get',
    'random_get',
    'environ_get',
    'environ_sizes_get',
    'proc_exit',
    'sched_yield',
    'poll_oneoff',
  ],
  sandbox: ['result', 'fatal', 'refuel', 'observed', 'call'],
};

export const pageBytes = 65_536;

/** The exports of a metered interpreter that the host calls or reads. */
export interface InterpreterExports {
  readonly memory: WebAssembly.Memory;
  readonly _initialize?: () => void;
  readonly abi_version: () => number;
  readonly boot: (flags: number) => void;
  readonly allocate: (bytes: number) => number;
  readonly evaluate: (
    flags: number,
    script: number,
    scriptBytes: number,
    input: number,
    inputBytes: number,
    now: number,
    seed: bigint,
    memoryBytesMax: number,
  ) => number;
  readonly expose?: (names: number, namesBytes: number) => void;
  readonly settle?: (id: number, ok: number, json: number, jsonBytes: number) => void;
  readonly resume?: () => number;
  readonly 'meter.fuel': WebAssembly.Global<'i64'>;
  readonly 'meter.trap': WebAssembly.Global<'i32'>;
  readonly 'meter.memory_pages': WebAssembly.Global<'i32'>;
  readonly 'meter.memory_pages_max': WebAssembly.Global<'i32'>;
  readonly 'meter.written'?: WebAssembly.Memory;
  readonly 'meter.unnoted'?: WebAssembly.Global<'i32'>;
  readonly 'meter.stack_low'?: WebAssembly.Global<'i32'>;
  readonly 'meter.stack_high'?: WebAssembly.Global<'i32'>;
  readonly 'meter.stack_lowest'?: WebAssembly.Global<'i32'>;
}

/** Names of the exported globals that are a sandbox's state beside its memory. */
export const isStateGlobal = (name: string): boolean =>
  name.startsWith('meter.global.') || name === 'meter.memory_pages';
