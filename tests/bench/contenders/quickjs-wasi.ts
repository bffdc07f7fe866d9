// quickjs-wasi: QuickJS-NG in WebAssembly, a memory per sandbox, created or restored.

import { readFile } from 'node:fs/promises';
import { contenderLimits, type Contender, type Sandbox } from './contender.ts';
import { versionOf } from './peer.ts';

interface Handle {
  readonly dispose: () => void;
}
/** The whole memory of a sandbox, and a few pointers into it. */
export interface Snapshot {
  readonly memory: Uint8Array;
}
interface Machine {
  readonly evalCode: (code: string) => Handle;
  readonly dump: (handle: Handle) => unknown;
  readonly snapshot: () => Snapshot;
  readonly dispose: () => void;
}
interface MachineOptions {
  readonly wasm: WebAssembly.Module;
  readonly memoryLimit: number;
  readonly interruptHandler: () => boolean;
}
interface QuickJs {
  readonly create: (options: MachineOptions) => Promise<Machine>;
  readonly restore: (snapshot: Snapshot, options: MachineOptions) => Promise<Machine>;
  readonly serializeSnapshot: (snapshot: Snapshot) => Uint8Array;
  readonly deserializeSnapshot: (bytes: Uint8Array) => Snapshot;
}

export interface SnapshotSandbox extends Sandbox {
  readonly snapshot: () => Snapshot;
}

/** The package, its module compiled once as its manual says. */
export interface QuickJsWasi {
  readonly create: () => Promise<SnapshotSandbox>;
  readonly restore: (snapshot: Snapshot) => Promise<SnapshotSandbox>;
  readonly serialize: (snapshot: Snapshot) => Uint8Array;
  readonly deserialize: (bytes: Uint8Array) => Snapshot;
}

const packageUrl = (path: string) =>
  new URL(`../node_modules/quickjs-wasi/${path}`, import.meta.url);

const openWith = async (
  make: (options: Pick<MachineOptions, 'interruptHandler'>) => Promise<Machine>,
): Promise<SnapshotSandbox> => {
  let deadline = 0;
  const machine = await make({ interruptHandler: () => Date.now() > deadline });
  return {
    evaluate: (script) => {
      deadline = Date.now() + contenderLimits.timeMs;
      const handle = machine.evalCode(script);
      const value = machine.dump(handle);
      handle.dispose();
      return value;
    },
    snapshot: () => machine.snapshot(),
    dispose: () => {
      machine.dispose();
    },
  };
};

export const loadQuickJsWasi = async (): Promise<QuickJsWasi> => {
  const { QuickJS } = (await import(packageUrl('dist/index.js').href)) as { QuickJS: QuickJs };
  const wasm = await WebAssembly.compile(await readFile(packageUrl('quickjs.wasm')));
  const memoryLimit = contenderLimits.memoryBytes;
  return {
    create: () => openWith((options) => QuickJS.create({ ...options, wasm, memoryLimit })),
    restore: (snapshot) =>
      openWith((options) => QuickJS.restore(snapshot, { ...options, wasm, memoryLimit })),
    serialize: (snapshot) => QuickJS.serializeSnapshot(snapshot),
    deserialize: (bytes) => QuickJS.deserializeSnapshot(bytes),
  };
};

export const openQuickJsWasi = async (): Promise<Contender> => {
  const { create } = await loadQuickJsWasi();
  return {
    name: 'quickjs-wasi',
    version: versionOf('quickjs-wasi'),
    note: 'QuickJS-NG in WebAssembly; a wasm instance per sandbox, memory limit and deadline set',
    open: create,
    close: () => undefined,
  };
};

/** The same, each sandbox restored from one snapshot. @param init run before that is taken */
export const openQuickJsWasiRestore = async (init = ''): Promise<Contender> => {
  const { create, restore } = await loadQuickJsWasi();
  const first = await create();
  first.evaluate(init);
  const snapshot = first.snapshot();
  first.dispose();
  return {
    name: 'quickjs-wasi restore',
    version: versionOf('quickjs-wasi'),
    note: 'a new wasm instance, its memory copied from a snapshot, memory limit and deadline set',
    open: () => restore(snapshot),
    close: () => undefined,
  };
};
