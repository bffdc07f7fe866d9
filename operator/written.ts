// What we wrote last of each child. A cache lags behind our own writes: without this memory a pool
// that was just changed would look ready by what its children were before.

import { operatorLimits } from '../contract/limits.ts';
import type { KubernetesObject } from '../kubernetes/resource.ts';

export class Written {
  /** By uid, the least recently written first. */
  readonly #last = new Map<string, KubernetesObject>();

  remember(object: KubernetesObject): void {
    const { uid, generation } = object.metadata;
    if (uid === undefined || generation === undefined) return;
    this.#last.delete(uid);
    this.#last.set(uid, object);
    const [oldest] = this.#last.keys();
    if (this.#last.size > operatorLimits.writtenMax && oldest !== undefined) {
      this.#last.delete(oldest);
    }
  }

  /** What a cache holds, or what we know to be of a later generation. */
  newest<T extends KubernetesObject>(cached: T): T | KubernetesObject {
    const { uid = '', generation = 0 } = cached.metadata;
    const last = this.#last.get(uid);
    if (!last) return cached;
    if ((last.metadata.generation ?? 0) > generation) return last;
    this.#last.delete(uid);
    return cached;
  }
}
