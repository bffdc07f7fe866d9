// Keeps a cache of one kind true: list, watch from there, and again whenever the watch ends, dies
// without a word, or the server has forgotten where it was. Never gives up before it is stopped.

import { setTimeout as sleep } from 'node:timers/promises';
import { kubernetesLimits as limits } from '../contract/limits.ts';
import { jittered } from './backoff.ts';
import { Cache, type Change } from './cache.ts';
import type { Client } from './client.ts';
import { list, watch, WatchEnded, type Scope, type WatchEvent } from './list-watch.ts';
import type { KubernetesObject } from './resource.ts';

/** What an informer tells of itself; see metrics.ts. */
export interface Watcher {
  readonly restarted: (scope: Scope, error: unknown) => void;
  readonly listed: (scope: Scope, missed: number) => void;
  readonly event: (scope: Scope) => void;
}

export interface InformerOptions<T> {
  readonly client: Client;
  readonly scope: Scope;
  /** Told of every change; only ever computes which keys to look at. What it throws is told on. */
  readonly onChange: (change: Change<T>) => void;
  readonly onFault: (error: unknown) => void;
  readonly watcher: Watcher;
  /** The longest wait before a list or watch that failed is tried again. */
  readonly retryMsMax?: number;
  /** How often the cache is compared with a new list, whatever the watch has said. */
  readonly relistMs?: number;
}

export class Informer<T extends KubernetesObject> {
  readonly #cache = new Cache<T>();
  readonly #options: InformerOptions<T>;
  readonly #stop = new AbortController();
  readonly #synced = Promise.withResolvers<undefined>();
  #hasSynced = false;
  #relistAt = 0;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    // Each request under way listens for the end.
    void this.#run();
  }

  get cache(): Pick<Cache<T>, 'get' | 'values' | 'size'> {
    return this.#cache;
  }

  /** Resolves after the first list. */
  get synced(): Promise<undefined> {
    return this.#synced.promise;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { scope, watcher, retryMsMax: msMax = limits.retryMsMax } = this.#options;
    let version: string | undefined;
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (version === undefined || this.#relistDue()) version = await this.#list();
        for await (const event of this.#watch(version)) {
          failures = 0;
          version = event.object.metadata.resourceVersion ?? version;
        }
        failures = 0;
      } catch (error) {
        if (this.#stopped()) return;
        watcher.restarted(scope, error);
        failures += 1;
        // A watch that fails twice in a row may be refused for what it starts from.
        if ((error instanceof WatchEnded && error.gone) || failures > 1) version = undefined;
        const backoff = { msMin: limits.retryMsMin, msMax };
        await sleep(jittered(backoff, failures, Math.random()), undefined, { signal }).catch(
          () => undefined,
        );
      }
    }
  }

  #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  #relistDue(): boolean {
    return performance.now() > this.#relistAt;
  }

  async #list(): Promise<string> {
    const { client, scope, watcher } = this.#options;
    const { items, resourceVersion } = await list<T>(client, scope, this.#stop.signal);
    const changes = this.#cache.replace(items);
    this.#relistAt = performance.now() + (this.#options.relistMs ?? limits.relistMs);
    watcher.listed(scope, this.#hasSynced ? changes.length : 0);
    this.#hasSynced = true;
    this.#synced.resolve(undefined);
    for (const change of changes) this.#tell(change);
    return resourceVersion;
  }

  /** Ends after the server ended the watch, or when the next list is due. */
  async *#watch(version: string): AsyncGenerator<WatchEvent<T>> {
    const { client, scope, watcher } = this.#options;
    const due = AbortSignal.timeout(Math.max(1, Math.ceil(this.#relistAt - performance.now())));
    const signal = AbortSignal.any([this.#stop.signal, due]);
    const openedAt = performance.now();
    try {
      for await (const event of watch<T>(client, scope, version, signal)) {
        watcher.event(scope);
        if (event.type === 'DELETED') this.#tell(this.#cache.remove(event.object));
        else if (event.type !== 'BOOKMARK') this.#tell(this.#cache.put(event.object));
        yield event;
      }
    } catch (error) {
      if (!due.aborted) throw error;
    }
    if (!due.aborted && performance.now() - openedAt < limits.watchMsMin) {
      throw new WatchEnded('watch: it ended as soon as it began', false);
    }
  }

  #tell(change: Change<T>): void {
    try {
      this.#options.onChange(change);
    } catch (error) {
      this.#options.onFault(error);
    }
  }
}
