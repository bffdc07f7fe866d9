// The registry that a process keeps its metrics in. Never a label per sandbox or caller: those are
// without number, and a registry keeps each for ever.

import { collectDefaultMetrics, Registry } from 'prom-client';

/** With what Node tells of its own process: memory, event loop, collections. */
export const createRegistry = (): Registry => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
};
