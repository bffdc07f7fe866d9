// isolated-vm: a V8 isolate per sandbox, native code, with the JIT.

import { createRequire } from 'node:module';
import { contenderLimits, type Contender } from './contender.ts';
import { versionOf } from './peer.ts';

interface Context {
  readonly evalSync: (code: string, options: { timeout: number; copy: boolean }) => unknown;
}
interface Isolate {
  readonly createContextSync: () => Context;
  readonly dispose: () => void;
}
interface IsolatedVm {
  readonly Isolate: new (options: { memoryLimit: number }) => Isolate;
}

export const openIsolatedVm = (): Contender => {
  const { Isolate } = createRequire(import.meta.url)('isolated-vm') as IsolatedVm;
  const memoryLimit = contenderLimits.memoryBytes / 1024 ** 2;
  return {
    name: 'isolated-vm',
    version: versionOf('isolated-vm'),
    note: 'V8 with its JIT; a new isolate per sandbox, memory limit and timeout set',
    open: () => {
      const isolate = new Isolate({ memoryLimit });
      const context = isolate.createContextSync();
      const options = { timeout: contenderLimits.timeMs, copy: true };
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
