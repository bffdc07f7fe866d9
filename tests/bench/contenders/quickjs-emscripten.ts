// quickjs-emscripten: QuickJS in WebAssembly, with a memory per sandbox or one memory for all.

import { createRequire } from 'node:module';
import { contenderLimits, type Contender, type Sandbox } from './contender.ts';
import { versionOf } from './peer.ts';

interface Handle {
  readonly dispose: () => void;
}
interface Context {
  readonly evalCode: (code: string) => unknown;
  readonly unwrapResult: (result: unknown) => Handle;
  readonly dump: (handle: Handle) => unknown;
  readonly dispose: () => void;
}
interface Runtime {
  readonly setMemoryLimit: (bytes: number) => void;
  readonly setInterruptHandler: (handler: () => boolean) => void;
  readonly newContext: () => Context;
  readonly dispose: () => void;
}
interface QuickJsModule {
  readonly newRuntime: () => Runtime;
}
interface QuickJsEmscripten {
  readonly getQuickJS: () => Promise<QuickJsModule>;
  readonly newQuickJSWASMModule: () => Promise<QuickJsModule>;
}

const load = (): QuickJsEmscripten =>
  createRequire(import.meta.url)('quickjs-emscripten') as QuickJsEmscripten;

const openIn = (module: QuickJsModule): Sandbox => {
  const runtime = module.newRuntime();
  runtime.setMemoryLimit(contenderLimits.memoryBytes);
  let deadline = 0;
  runtime.setInterruptHandler(() => Date.now() > deadline);
  const context = runtime.newContext();
  return {
    evaluate: (script) => {
      deadline = Date.now() + contenderLimits.timeMs;
      const handle = context.unwrapResult(context.evalCode(script));
      const value = context.dump(handle);
      handle.dispose();
      return value;
    },
    dispose: () => {
      context.dispose();
      runtime.dispose();
    },
  };
};

export const openQuickJsEmscripten = (): Contender => {
  const library = load();
  return {
    name: 'quickjs-emscripten',
    version: versionOf('quickjs-emscripten'),
    note: 'QuickJS in WebAssembly; a wasm instance per sandbox, memory limit and deadline set',
    open: async () => openIn(await library.newQuickJSWASMModule()),
    close: () => undefined,
  };
};

export const openQuickJsShared = async (): Promise<Contender> => {
  const module = await load().getQuickJS();
  return {
    name: 'quickjs-emscripten, shared',
    version: versionOf('quickjs-emscripten'),
    note: 'the same with one wasm instance for all: sandboxes share one memory',
    open: () => openIn(module),
    close: () => undefined,
  };
};
