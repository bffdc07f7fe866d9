// One request to a member and its answer as it comes, straight from undici's dispatcher: what came
// in one piece with its head is handed on in one piece, a longer one as a stream.

import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';

/** The head of an answer, and what follows it. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body, to be called for once: a Buffer when all of it is here, else a stream of it. */
  readonly body: () => Buffer | Readable;
}

type Controller = Dispatcher.DispatchController;

export class Exchange implements Dispatcher.DispatchHandler {
  readonly #head = Promise.withResolvers<Answer>();
  readonly #onEnd: () => void;
  readonly #chunks: Buffer[] = [];
  #controller: Controller | undefined;
  #stream: Readable | undefined;
  #ended = false;
  #error: Error | undefined;

  /** @param onEnd called once, when nothing more will come */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** Rejects with what came in place of an answer. */
  get answer(): Promise<Answer> {
    return this.#head.promise;
  }

  /** Bytes of the request may have been sent. */
  get begun(): boolean {
    return this.#controller !== undefined;
  }

  /** A request that waits for a connection is never sent, another one's connection is closed. */
  abort(reason: Error): void {
    if (this.#controller) this.#controller.abort(reason);
    else this.#fail(reason);
  }

  onRequestStart(controller: Controller): void {
    if (this.#error) controller.abort(this.#error);
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Controller,
    statusCode: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // An interim answer: the one that counts is still to come.
    if (statusCode < 200) return;
    this.#head.resolve({ statusCode, headers, body: () => this.#rest() });
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.#stream) this.#chunks.push(chunk);
    else if (!this.#stream.push(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#ended = true;
    this.#stream?.push(null);
    this.#onEnd();
  }

  onResponseError(_controller: Controller | undefined, error: Error): void {
    this.#fail(error);
  }

  #fail(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#head.reject(error);
    this.#stream?.destroy(error);
    this.#onEnd();
  }

  #rest(): Buffer | Readable {
    const [first, ...others] = this.#chunks;
    if (this.#ended && !this.#error) {
      return first && others.length === 0 ? first : Buffer.concat(this.#chunks);
    }
    const stream = new Readable({
      read: () => {
        this.#controller?.resume();
      },
      destroy: (error, done) => {
        this.#controller?.abort(error ?? new Error('nobody wants the rest of the answer'));
        done(error);
      },
    });
    for (const chunk of this.#chunks) stream.push(chunk);
    if (this.#error) stream.destroy(this.#error);
    this.#stream = stream;
    return stream;
  }
}
