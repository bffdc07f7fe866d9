// Calls that wait for the members to change. One whose time is up is forgotten: members may stay as
// they are for days, with calls that come in vain all the while.

export class Changes {
  readonly #waiting = new Set<() => void>();

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves at the next change, or after `ms`. */
  next(ms: number): Promise<undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const end = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(end);
      resolve(undefined);
    };
    const timer = setTimeout(end, ms);
    this.#waiting.add(end);
    return promise;
  }

  /** There was one. */
  tell(): void {
    for (const end of [...this.#waiting]) end();
  }
}
