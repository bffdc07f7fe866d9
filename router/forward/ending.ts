// Why a call may end before its answer: its client left, or it took too long. One timer and one
// listener for each call: the AbortSignals that could say the same cost a tenth of the whole call.

import type { Socket } from 'node:net';
import type { Exchange } from './exchange.ts';

export class Ending {
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;
  readonly #leave = (): void => {
    this.#end(new Error('the client left'));
  };
  #exchange: Exchange | undefined;
  #late = false;

  /** @param ms from now to the deadline */
  constructor(socket: Socket, ms: number) {
    this.#socket = socket;
    this.#timer = setTimeout(() => {
      this.#late = true;
      this.#end(new Error('no answer came in time'));
    }, ms);
    socket.once('close', this.#leave);
  }

  /** The deadline is over. */
  get late(): boolean {
    return this.#late;
  }

  /** The exchange that is aborted when the call ends. */
  follow(exchange: Exchange): void {
    this.#exchange = exchange;
    if (this.#late || this.#socket.destroyed) exchange.abort(new Error('the call has ended'));
  }

  /** From now on the call ends no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#socket.off('close', this.#leave);
  }

  #end(reason: Error): void {
    this.stop();
    this.#exchange?.abort(reason);
  }
}
