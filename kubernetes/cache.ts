// What an informer knows of a kind: its objects by key, frozen, and what changed when they are told
// anew. Holds no connection and no clock.

import { keyOf, type KubernetesObject } from './resource.ts';

/** `before` is absent for an object that is new, `after` for one that is gone. */
export interface Change<T> {
  readonly before?: T;
  readonly after?: T;
}

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) freeze(each);
  }
  return value;
};

export class Cache<T extends KubernetesObject> {
  readonly #objects = new Map<string, T>();

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): readonly T[] {
    return [...this.#objects.values()];
  }

  get size(): number {
    return this.#objects.size;
  }

  put(object: T): Change<T> {
    const before = this.#objects.get(keyOf(object));
    this.#objects.set(keyOf(object), freeze(object));
    return before ? { before, after: object } : { after: object };
  }

  remove(object: T): Change<T> {
    const before = this.#objects.get(keyOf(object)) ?? object;
    this.#objects.delete(keyOf(object));
    return { before };
  }

  /** Takes a new list for the whole truth and gives what the cache did not know. */
  replace(objects: readonly T[]): readonly Change<T>[] {
    const keys = new Set(objects.map(keyOf));
    const gone = this.values().filter((object) => !keys.has(keyOf(object)));
    const known = (object: T): boolean => {
      const { resourceVersion, uid } = this.#objects.get(keyOf(object))?.metadata ?? {};
      return (
        resourceVersion !== undefined &&
        resourceVersion === object.metadata.resourceVersion &&
        uid === object.metadata.uid
      );
    };
    const news = objects.filter((object) => !known(object));
    return [
      ...gone.map((object) => this.remove(object)),
      ...news.map((object) => this.put(object)),
    ];
  }
}
