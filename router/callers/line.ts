// Lets so many work at once; more wait in line, in order, bounded in number and in time.

export interface LineLimits {
  readonly workingMax: number;
  readonly waitingMax: number;
  readonly waitMs: number;
}

export class Line {
  readonly #limits: LineLimits;
  readonly #waiting = new Set<(may: boolean) => void>();
  #working = 0;

  constructor(limits: LineLimits) {
    this.#limits = limits;
  }

  /** False: the line is full, or it took too long. True: `leave` must follow. */
  async enter(): Promise<boolean> {
    const { workingMax, waitingMax, waitMs } = this.#limits;
    if (this.#working < workingMax) {
      this.#working += 1;
      return true;
    }
    if (this.#waiting.size >= waitingMax) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const end = (may: boolean): void => {
      clearTimeout(timer);
      this.#waiting.delete(end);
      resolve(may);
    };
    const timer = setTimeout(end, waitMs, false);
    this.#waiting.add(end);
    return promise;
  }

  /** Hands one's place to the first in line. */
  leave(): void {
    const [first] = this.#waiting;
    if (first) first(true);
    else this.#working -= 1;
  }
}
