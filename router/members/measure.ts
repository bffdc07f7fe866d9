// What a router tells of its ring.

import { Counter, Gauge, type Registry } from 'prom-client';

/** @param size asked for at each scrape */
export const measureRing = (registry: Registry, size: () => number) => {
  const registers = [registry];
  new Gauge({
    name: 'paddock_ring_members',
    help: 'Runtime pods that own sandboxes.',
    registers,
    collect() {
      this.set(size());
    },
  });
  const changes = new Counter({
    name: 'paddock_ring_changes_total',
    help: 'How often the members changed.',
    registers,
  });
  return {
    changed: () => {
      changes.inc();
    },
  };
};
