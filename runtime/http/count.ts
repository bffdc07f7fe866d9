// Counts what evaluations came to and what they used, and what is kept.

import { Counter, Gauge, type Registry } from 'prom-client';
import type { Engine } from '../index.ts';
import type { Middleware } from './context.ts';

const gauge = (registry: Registry, name: string, help: string, value: () => number): void => {
  new Gauge({
    ...{ name, help, registers: [registry] },
    collect() {
      this.set(value());
    },
  });
};

export const countEvaluations = (
  registry: Registry,
  engine: Pick<Engine, 'kept' | 'load'>,
): Middleware => {
  gauge(registry, 'paddock_sandboxes', 'Sandboxes kept, live and dormant.', () => {
    return engine.kept().sandboxes;
  });
  gauge(registry, 'paddock_sandbox_bytes', 'Bytes of what sandboxes are made again from.', () => {
    return engine.kept().bytes;
  });
  gauge(registry, 'paddock_evaluations_waiting', 'Evaluations that wait for a worker.', () => {
    return engine.load().waiting;
  });
  const origins = new Counter({
    name: 'paddock_sandbox_origins_total',
    help: 'Where evaluations found their sandboxes.',
    labelNames: ['sandbox'],
    registers: [registry],
  });
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
    origins.inc({ sandbox: usage.sandbox });
    await next();
  };
};
