// A running operator: informers warm in every replica, one of them working on pools while it holds
// the lease.

import type { Registry } from 'prom-client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperatorConfiguration } from '../contract/operator.ts';
import { operatorLimits } from '../contract/limits.ts';
import { leaseName } from '../contract/pool/names.ts';
import type { Client } from '../kubernetes/client.ts';
import { EventRecorder } from '../kubernetes/events.ts';
import { Lease } from '../kubernetes/lease.ts';
import { queueWatcherOf, watcherOf } from '../kubernetes/metrics.ts';
import { WorkQueue } from '../kubernetes/queue.ts';
import { keyOf } from '../kubernetes/resource.ts';
import type { Log } from '../telemetry/log.ts';
import { countReconciles } from './measure.ts';
import { reconcile } from './reconcile.ts';
import { ensureTokenReview } from './token-review.ts';
import { startWatching, type Caches } from './watch.ts';
import { Written } from './written.ts';

export interface OperatorOptions {
  /** For everything but the lease; fenced by it. */
  readonly client: Client;
  readonly leaseClient: Client;
  readonly configuration: OperatorConfiguration;
  readonly identity: string;
  readonly log: Log;
  readonly registry: Registry;
  /** The lease was lost: the process must end. */
  readonly onLost: (why: string) => void;
}

/** The key of the work that is about no pool: whose tokens may be reviewed. */
const bindingKey = 'token-review';

export class Operator {
  readonly #options: OperatorOptions;
  readonly #caches: Caches;
  readonly #queue: WorkQueue;
  readonly #events: EventRecorder;
  readonly #reconciles: ReturnType<typeof countReconciles>;
  readonly #lease: Lease;
  readonly #written = new Written();
  readonly #resync: NodeJS.Timeout;
  #leading = false;

  /** Starts it: the caches fill, and the lease is waited for. */
  constructor(options: OperatorOptions) {
    this.#options = options;
    const { client, identity, log, registry } = options;
    this.#reconciles = countReconciles(registry);
    this.#events = new EventRecorder({
      client,
      instance: identity,
      onFailure: (message) => {
        log.warn({ message }, 'an event could not be written');
      },
    });
    this.#caches = this.#watch();
    this.#queue = new WorkQueue({
      work: (key) => this.#work(key),
      concurrency: operatorLimits.concurrency,
      watcher: queueWatcherOf(registry, () => this.#queue.depth),
      onFailure(key, error, failures) {
        log.error({ key, err: error, failures }, 'reconcile failed; it comes again');
      },
    });
    this.#lease = this.#waitForLease();
    client.fenceWrites(this.#lease.fence);
    this.#resync = setInterval(() => {
      if (this.#leading)
        this.#keys().forEach((key) => {
          this.#queue.addLater(key);
        });
    }, operatorLimits.resyncMs);
  }

  get hasSynced(): boolean {
    return this.#caches.hasSynced();
  }

  get holdsLease(): boolean {
    return this.#lease.isHeld;
  }

  /** Ends what is under way and gives the lease back. */
  async stop(): Promise<void> {
    this.#leading = false;
    clearInterval(this.#resync);
    this.#queue.stop();
    // What was begun should end before another begins; a request that hangs must not hold it up.
    const until = performance.now() + operatorLimits.endMs;
    while (!this.#queue.idle && performance.now() < until) await sleep(20);
    await this.#lease.release();
    this.#caches.stop();
    await this.#options.client.close();
    await this.#options.leaseClient.close();
  }

  #watch(): Caches {
    const { client, configuration, log, registry } = this.#options;
    return startWatching({
      client,
      namespaces: configuration.watchNamespaces,
      watcher: watcherOf(registry, (kind, error) => {
        log.warn({ kind, err: error }, 'a watch ended before its time');
      }),
      onPool: (key) => {
        this.#enqueue(key);
      },
      onPools: () => {
        this.#enqueue(bindingKey);
      },
      onAll: () => {
        if (this.#leading)
          this.#keys().forEach((key) => {
            this.#enqueue(key);
          });
      },
      onFault(error) {
        log.error({ err: error }, 'a change could not be looked at');
      },
    });
  }

  #waitForLease(): Lease {
    const { leaseClient, configuration, identity, log, onLost } = this.#options;
    return new Lease({
      client: leaseClient,
      namespace: configuration.podNamespace,
      name: leaseName,
      identity,
      onAcquired: () => {
        log.info({ identity }, 'leading');
        void this.#caches.synced.then(() => {
          this.#leading = true;
          this.#keys().forEach((key) => {
            this.#enqueue(key);
          });
        });
      },
      onLost: (why) => {
        this.#leading = false;
        this.#queue.stop();
        onLost(why);
      },
    });
  }

  #keys(): readonly string[] {
    return [...this.#caches.pools().map(keyOf), bindingKey];
  }

  #enqueue(key: string): void {
    if (this.#leading) this.#queue.add(key);
  }

  async #work(key: string): Promise<void> {
    const since = performance.now();
    let result: 'success' | 'error' = 'error';
    try {
      await this.#look(key);
      result = 'success';
    } finally {
      this.#reconciles.ended(result, performance.now() - since);
    }
  }

  async #look(key: string): Promise<void> {
    const { client, configuration } = this.#options;
    const caches = this.#caches;
    if (key === bindingKey) {
      await ensureTokenReview(client, caches);
      return;
    }
    const parts = { events: this.#events, written: this.#written };
    const lookAgainMs = await reconcile({ client, caches, configuration, ...parts }, key);
    if (Number.isFinite(lookAgainMs)) {
      this.#queue.addAfter(key, Math.min(lookAgainMs, operatorLimits.resyncMs));
    }
  }
}
