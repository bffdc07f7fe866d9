// A Node worker thread per sandbox: what many begin with. A heap limit, and Node's own powers.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { contenderLimits, type Contender } from './contender.ts';

const program = `
const { parentPort } = require('node:worker_threads');
const { runInThisContext } = require('node:vm');
parentPort.on('message', (script) => parentPort.postMessage(runInThisContext(script)));
`;

export const openWorkerThreads = (): Contender => ({
  name: 'worker_thread',
  version: process.versions.node,
  note: 'V8 with its JIT in a thread of its own; a heap limit, no boundary around what Node can do',
  open: () => {
    const worker = new Worker(program, {
      eval: true,
      resourceLimits: { maxOldGenerationSizeMb: contenderLimits.memoryBytes / 1024 ** 2 },
    });
    return {
      evaluate: async (script) => {
        const answered = once(worker, 'message');
        worker.postMessage(script);
        const [value] = (await answered) as unknown[];
        return value;
      },
      dispose: () => void worker.terminate(),
    };
  },
  close: () => undefined,
});
