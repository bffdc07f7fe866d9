// What an operator tells of its looks at pools, under the names of controller-runtime.

import { Counter, Histogram, type Registry } from 'prom-client';

const seconds = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

export const countReconciles = (registry: Registry) => {
  const registers = [registry];
  const total = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciliations by result.',
    labelNames: ['result'],
    registers,
  });
  const duration = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'How long reconciliations took.',
    buckets: seconds,
    registers,
  });
  return {
    ended(result: 'success' | 'error', ms: number) {
      total.inc({ result });
      duration.observe(ms / 1000);
    },
  };
};
