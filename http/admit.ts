// Takes in a body, within bounds: its type, its size, and what all bodies together may hold of
// memory.

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { httpLimits, requestLimits } from '../contract/limits.ts';
import { Refusal } from '../contract/failure.ts';
import type { HttpMiddleware } from './context.ts';
import { gather } from './gather.ts';

const tooLarge = (expected: string): Refusal =>
  new Refusal('REQUEST_TOO_LARGE', `body: expected at most ${expected}`, { connection: 'close' });

const tooLong = (): Refusal => tooLarge(`${requestLimits.bodyBytesMax} bytes`);
const tooMany = (): Refusal =>
  tooLarge(`${httpLimits.chunksMax} chunks; send larger ones, or a Content-Length`);

const overloaded = (): Refusal =>
  new Refusal('OVERLOADED', 'too many request bodies are under way; try again later', {
    'retry-after': String(httpLimits.retryAfterSeconds),
    connection: 'close',
  });

const json = 'application/json';

const checkHeaders = (request: IncomingMessage): void => {
  const { headers } = request;
  const type = headers['content-type'];
  if (type !== json && type?.split(';')[0]?.trim().toLowerCase() !== json) {
    const came = type === undefined ? 'no such header' : JSON.stringify(type.slice(0, 60));
    throw new Refusal('INVALID_REQUEST', `Content-Type: expected application/json, got ${came}`);
  }
  if (headers['content-encoding'] !== undefined) {
    throw new Refusal('INVALID_REQUEST', 'Content-Encoding: expected no such header, got one');
  }
  if (Number(headers['content-length'] ?? 0) > requestLimits.bodyBytesMax) throw tooLong();
};

const refuseOtherBytes = (bytes: Buffer): void => {
  if (isUtf8(bytes)) return;
  throw new Refusal('INVALID_REQUEST', 'body: expected UTF-8, got bytes that are not');
};

/**
 * Reads a body to its end, which costs a fraction of what iterating over it does.
 *
 * @param take is shown each chunk, and may throw: what comes after it is thrown away
 */
const read = (request: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const onData = (chunk: Buffer): void => {
    try {
      take(chunk);
    } catch (error) {
      request.off('data', onData);
      request.resume();
      reject(error);
    }
  };
  request.on('data', onData);
  request.once('end', resolve);
  request.once('error', reject);
  // A client that left before anybody read has no event left but this one, or none at all.
  const cutOff = (): void => {
    if (request.readableEnded) return;
    reject(request.errored ?? new Refusal('INVALID_REQUEST', 'body: it ended too early'));
  };
  if (request.destroyed) cutOff();
  else request.once('close', cutOff);
  return promise;
};

/**
 * Calls `release` once the answer is with the client or the connection gone, which ends a client
 * that is slow to take it.
 */
const whenTaken = (response: ServerResponse, socket: Socket, release: () => void): void => {
  const late = setTimeout(() => socket.destroy(), httpLimits.answerMsMax);
  const taken = (): void => {
    clearTimeout(late);
    response.off('close', taken);
    // A response that waits behind another of its connection has no 'close' of its own.
    socket.off('close', taken);
    release();
  };
  response.once('close', taken);
  socket.once('close', taken);
  if (socket.destroyed) taken();
};

/**
 * Reads bodies; all of them, and all answers that are not with their clients yet, share a budget
 * of `bytesMax`.
 */
export const admit = (bytesMax: number): HttpMiddleware => {
  let held = 0;
  return async (ctx, next) => {
    checkHeaders(ctx.req);
    const chunks = gather();
    const isChunked = ctx.req.headers['transfer-encoding'] !== undefined;
    let [count, size, ours] = [0, 0, 0];
    /** What this body takes of the budget. */
    const hold = (now: number): void => {
      held += now - ours;
      ours = now;
    };
    try {
      await read(ctx.req, (chunk) => {
        size += chunk.length;
        if (size > requestLimits.bodyBytesMax) throw tooLong();
        if (isChunked && (count += 1) > httpLimits.chunksMax) throw tooMany();
        chunks.add(chunk);
        hold(chunks.held());
        if (held > bytesMax) throw overloaded();
      });
      const bytes = chunks.take();
      hold(bytes.length);
      refuseOtherBytes(bytes);
      ctx.state.bytes = bytes;
      await next();
      // A body that is passed on as it comes is held by nobody.
      const body: unknown = ctx.body;
      const whole = typeof body === 'string' || Buffer.isBuffer(body);
      const answer = whole ? Buffer.byteLength(body) : 0;
      held += answer;
      whenTaken(ctx.res, ctx.req.socket, () => {
        held -= answer;
      });
    } finally {
      hold(0);
    }
  };
};
