// node:vm, naively: no security boundary and no limits; what plain V8 costs.

import vm from 'node:vm';
import type { Contender } from './contender.ts';

export const openNodeVm = (): Contender => ({
  name: 'node:vm, insecure',
  version: process.versions.node,
  note: 'V8 with its JIT in the same heap: no boundary, no limits',
  open: () => {
    const context = vm.createContext();
    return {
      evaluate: (script) => vm.runInContext(script, context) as unknown,
      dispose: () => undefined,
    };
  },
  close: () => undefined,
});
