// The end of a server in three steps: /readyz fails while everything is still served, then new work
// is refused, then what is under way ends.

export interface Life {
  /** It has been told to end. */
  readonly draining: () => boolean;
  /** It takes no new work any more. */
  readonly closed: () => boolean;
  /**
   * Goes on serving for `delayMs`, then refuses new work and resolves when `close` has. A second
   * call cuts the delay short.
   */
  readonly drain: (delayMs: number, close: () => Promise<unknown>) => Promise<void>;
}

export const createLife = (): Life => {
  const life = { draining: false, closed: false };
  const cut = Promise.withResolvers<undefined>();
  return {
    draining: () => life.draining,
    closed: () => life.closed,
    async drain(delayMs, close) {
      if (life.draining) cut.resolve(undefined);
      life.draining = true;
      const timer = setTimeout(cut.resolve, delayMs);
      await cut.promise;
      clearTimeout(timer);
      life.closed = true;
      await close();
    },
  };
};
