// quickjs-wasi: QuickJS-NG in WebAssembly, a memory per sandbox.

import { readFile } from 'node:fs/promises';
import { contenderLimits, type Contender } from './contender.ts';
import { versionOf } from './peer.ts';

interface Handle {
  readonly dispose: () => void;
}
interface Machine {
  readonly evalCode: (code: string) => Handle;
  readonly dump: (handle: Handle) => unknown;
  readonly dispose: () => void;
}
interface QuickJsWasi {
  readonly QuickJS: {
    readonly create: (options: {
      wasm: WebAssembly.Module;
      memoryLimit: number;
      interruptHandler: () => boolean;
    }) => Promise<Machine>;
  };
}

const packageUrl = (path: string) =>
  new URL(`../node_modules/quickjs-wasi/${path}`, import.meta.url);

export const openQuickJsWasi = async (): Promise<Contender> => {
  const { QuickJS } = (await import(packageUrl('dist/index.js').href)) as QuickJsWasi;
  const wasm = await WebAssembly.compile(await readFile(packageUrl('quickjs.wasm')));
  return {
    name: 'quickjs-wasi',
    version: versionOf('quickjs-wasi'),
    note: 'QuickJS-NG in WebAssembly; a wasm instance per sandbox, memory limit and deadline set',
    open: async () => {
      let deadline = 0;
      const machine = await QuickJS.create({
        wasm,
        memoryLimit: contenderLimits.memoryBytes,
        interruptHandler: () => Date.now() > deadline,
      });
      return {
        evaluate: (script) => {
          deadline = Date.now() + contenderLimits.timeMs;
          const handle = machine.evalCode(script);
          const value = machine.dump(handle);
          handle.dispose();
          return value;
        },
        dispose: () => {
          machine.dispose();
        },
      };
    },
    close: () => undefined,
  };
};
