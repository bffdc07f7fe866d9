// Counts what evaluations came to and what they used.

import { Counter, type Registry } from 'prom-client';
import type { Middleware } from './context.ts';

export const count = (registry: Registry): Middleware => {
  const evaluations = new Counter({
    name: 'paddock_evaluations_total',
    help: 'Evaluations by their status.',
    labelNames: ['status'],
    registers: [registry],
  });
  const fuel = new Counter({
    name: 'paddock_fuel_total',
    help: 'Fuel used by all evaluations.',
    registers: [registry],
  });
  return async (ctx, next) => {
    const { status, usage } = ctx.state.outcome;
    evaluations.inc({ status });
    fuel.inc(usage.fuel);
    await next();
  };
};
