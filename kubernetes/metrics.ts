// What informers and work queues tell of themselves, under the names that client-go gives them.

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Watcher } from './informer.ts';
import type { QueueWatcher } from './queue.ts';

/** @param onRestart for the log: which kind, and why */
export const watcherOf = (
  registry: Registry,
  onRestart: (kind: string, error: unknown) => void,
): Watcher => {
  const registers = [registry];
  const labelNames = ['resource'] as const;
  const restarts = new Counter({
    name: 'informer_restarts_total',
    help: 'Lists and watches that ended before their time.',
    labelNames,
    registers,
  });
  const lists = new Counter({
    name: 'informer_lists_total',
    help: 'Complete lists read.',
    labelNames,
    registers,
  });
  const missed = new Counter({
    name: 'informer_missed_changes_total',
    help: 'Changes that only a list brought and no watch did.',
    labelNames,
    registers,
  });
  const last = new Gauge({
    name: 'informer_last_event_timestamp_seconds',
    help: 'When the informer last heard of the API server.',
    labelNames,
    registers,
  });
  return {
    restarted(scope, error) {
      restarts.inc({ resource: scope.resource.plural });
      onRestart(scope.resource.kind, error);
    },
    listed(scope, count) {
      lists.inc({ resource: scope.resource.plural });
      missed.inc({ resource: scope.resource.plural }, count);
      last.setToCurrentTime({ resource: scope.resource.plural });
    },
    event(scope) {
      last.setToCurrentTime({ resource: scope.resource.plural });
    },
  };
};

const seconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

/** @param depth how many keys wait, asked for at each scrape */
export const queueWatcherOf = (registry: Registry, depth: () => number): QueueWatcher => {
  const registers = [registry];
  new Gauge({
    name: 'workqueue_depth',
    help: 'Keys that wait.',
    registers,
    collect() {
      this.set(depth());
    },
  });
  const adds = new Counter({ name: 'workqueue_adds_total', help: 'Keys added.', registers });
  const retries = new Counter({
    name: 'workqueue_retries_total',
    help: 'Keys that failed and come again.',
    registers,
  });
  const waited = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long keys waited.',
    buckets: seconds,
    registers,
  });
  const worked = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long keys were worked on.',
    buckets: seconds,
    registers,
  });
  return {
    added: () => {
      adds.inc();
    },
    retried: () => {
      retries.inc();
    },
    started: (ms) => {
      waited.observe(ms / 1000);
    },
    ended: (ms) => {
      worked.observe(ms / 1000);
    },
  };
};
