// The work queue of a controller: a key waits at most once, is worked on by one at a time, comes
// again when it changed meanwhile, and later and later while it fails. As client-go's.
// https://pkg.go.dev/k8s.io/client-go/util/workqueue

import { kubernetesLimits as limits } from '../contract/limits.ts';
import { ceilingOf } from './backoff.ts';

export interface QueueWatcher {
  readonly added: () => void;
  readonly retried: () => void;
  readonly started: (waitedMs: number) => void;
  readonly ended: (workedMs: number) => void;
}

export interface QueueOptions {
  /** Works on a key. What it throws is told to `onFailure`, and the key comes again. */
  readonly work: (key: string) => Promise<void>;
  readonly onFailure: (key: string, error: unknown, failures: number) => void;
  readonly concurrency: number;
  readonly watcher: QueueWatcher;
}

const backoff = { msMin: limits.keyRetryMsMin, msMax: limits.keyRetryMsMax };

export class WorkQueue {
  readonly #options: QueueOptions;
  /** Key -> since when it waits. `#later` is the lane of keys that nobody waits for. */
  readonly #waiting = new Map<string, number>();
  readonly #later = new Map<string, number>();
  readonly #working = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, { readonly dueAt: number; readonly timer: NodeJS.Timeout }>();
  #tokens: number = limits.keysBurst;
  #filledAt = performance.now();
  #wake: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Keys that wait, those due later excluded. */
  get depth(): number {
    return this.#waiting.size + this.#later.size;
  }

  get idle(): boolean {
    return this.depth === 0 && this.#working.size === 0;
  }

  add(key: string): void {
    this.#put(key, this.#waiting);
  }

  /** As `add`, behind every key that somebody changed. */
  addLater(key: string): void {
    if (!this.#waiting.has(key)) this.#put(key, this.#later);
  }

  /** Adds the key after a while, unless it is due sooner already. */
  addAfter(key: string, delayMs: number): void {
    const dueAt = performance.now() + delayMs;
    const planned = this.#timers.get(key);
    if (this.#stopped || (planned && planned.dueAt <= dueAt)) return;
    clearTimeout(planned?.timer);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.add(key);
    }, delayMs);
    this.#timers.set(key, { dueAt, timer });
  }

  /** Hands out nothing more; what is under way ends by itself. */
  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    clearTimeout(this.#wake);
    this.#timers.clear();
    this.#waiting.clear();
    this.#later.clear();
  }

  #put(key: string, lane: Map<string, number>): void {
    if (this.#stopped) return;
    if (this.#working.has(key)) {
      this.#dirty.add(key);
      return;
    }
    const since = this.#later.get(key) ?? this.#waiting.get(key) ?? performance.now();
    if (!this.#waiting.has(key) && !this.#later.has(key)) this.#options.watcher.added();
    if (lane === this.#waiting) this.#later.delete(key);
    lane.set(key, since);
    this.#next();
  }

  #next(): void {
    while (!this.#stopped && this.#working.size < this.#options.concurrency) {
      const [entry] = this.#waiting.size > 0 ? this.#waiting : this.#later;
      if (entry === undefined || !this.#takeToken()) return;
      const [key, since] = entry;
      this.#waiting.delete(key);
      this.#later.delete(key);
      void this.#workOn(key, since);
    }
  }

  async #workOn(key: string, since: number): Promise<void> {
    const { work, onFailure, watcher } = this.#options;
    const started = performance.now();
    watcher.started(started - since);
    this.#working.add(key);
    try {
      await work(key);
      this.#failures.delete(key);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      onFailure(key, error, failures);
      watcher.retried();
      this.addAfter(key, ceilingOf(backoff, failures));
    }
    watcher.ended(performance.now() - started);
    this.#working.delete(key);
    if (this.#dirty.delete(key)) this.add(key);
    this.#next();
  }

  #takeToken(): boolean {
    const now = performance.now();
    const filled = this.#tokens + ((now - this.#filledAt) / 1000) * limits.keysPerSecond;
    this.#tokens = Math.min(limits.keysBurst, filled);
    this.#filledAt = now;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return true;
    }
    this.#wake ??= setTimeout(() => {
      this.#wake = undefined;
      this.#next();
    }, 1000 / limits.keysPerSecond);
    return false;
  }
}
