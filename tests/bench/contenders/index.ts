// All contenders by name. Each is loaded only when it is opened, so that a start-up time is its
// own.

import type { Contender } from './contender.ts';

export type { Contender, Sandbox } from './contender.ts';

const openers: Readonly<Record<string, () => Promise<Contender>>> = {
  paddock: async () => (await import('./paddock.ts')).openPaddock(),
  'isolated-vm': async () => (await import('./isolated-vm.ts')).openIsolatedVm(),
  'quickjs-emscripten': async () =>
    (await import('./quickjs-emscripten.ts')).openQuickJsEmscripten(),
  'quickjs-emscripten-shared': async () =>
    (await import('./quickjs-emscripten.ts')).openQuickJsShared(),
  'quickjs-wasi': async () => (await import('./quickjs-wasi.ts')).openQuickJsWasi(),
  'node-vm': async () => (await import('./node-vm.ts')).openNodeVm(),
};

export const contenderIds = Object.keys(openers);

export const openContender = async (id: string): Promise<Contender> => {
  const open = openers[id];
  if (!open) throw new Error(`no contender ${id}; there are ${contenderIds.join(', ')}`);
  return open();
};
