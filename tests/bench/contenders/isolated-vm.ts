// isolated-vm: native V8 with the JIT; an isolate per sandbox, or a context of a shared isolate.

import { createRequire } from 'node:module';
import { contenderLimits, type Contender } from './contender.ts';
import { versionOf } from './peer.ts';

interface RunOptions {
  readonly timeout: number;
  readonly copy: boolean;
}
interface Context {
  readonly evalSync: (code: string, options: RunOptions) => unknown;
  readonly release: () => void;
}
interface Script {
  readonly runSync: (context: Context, options: RunOptions) => unknown;
}
interface Isolate {
  readonly createContextSync: () => Context;
  readonly compileScriptSync: (code: string) => Script;
  readonly dispose: () => void;
}
type HeapSnapshot = object;
interface IsolatedVm {
  readonly Isolate: {
    new (options: { memoryLimit: number; snapshot?: HeapSnapshot }): Isolate;
    readonly createSnapshot: (scripts: readonly { readonly code: string }[]) => HeapSnapshot;
  };
}

const load = (): IsolatedVm => createRequire(import.meta.url)('isolated-vm') as IsolatedVm;

const memoryLimit = contenderLimits.memoryBytes / 1024 ** 2;
const options: RunOptions = { timeout: contenderLimits.timeMs, copy: true };

/** @param init what a start-up snapshot holds that every isolate begins with */
export const openIsolatedVm = (init?: string): Contender => {
  const { Isolate } = load();
  const snapshot = init === undefined ? undefined : Isolate.createSnapshot([{ code: init }]);
  return {
    name: init === undefined ? 'isolated-vm' : 'isolated-vm isolate from a snapshot',
    version: versionOf('isolated-vm'),
    note: 'V8 with its JIT; a new isolate per sandbox, memory limit and timeout set',
    open: () => {
      const isolate = new Isolate({ memoryLimit, ...(snapshot ? { snapshot } : {}) });
      const context = isolate.createContextSync();
      return {
        evaluate: (script) => context.evalSync(script, options),
        dispose: () => {
          isolate.dispose();
        },
      };
    },
    close: () => undefined,
  };
};

/** @param init compiled once, and run in every context */
export const openIsolatedVmContexts = (init?: string): Contender => {
  const isolate = new (load().Isolate)({ memoryLimit });
  const script = init === undefined ? undefined : isolate.compileScriptSync(init);
  return {
    name: 'isolated-vm context',
    version: versionOf('isolated-vm'),
    note: 'V8 with its JIT; a new context of one isolate: sandboxes share a heap and its limit',
    open: () => {
      const context = isolate.createContextSync();
      script?.runSync(context, options);
      return {
        evaluate: (code) => context.evalSync(code, options),
        dispose: () => {
          context.release();
        },
      };
    },
    close: () => {
      isolate.dispose();
    },
  };
};
