// Takes in a body, within bounds: its type, its size, and what all bodies together may hold of
// memory.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { httpLimits, requestLimits } from '../contract/limits.ts';
import { Refusal } from '../contract/failure.ts';
import type { HttpMiddleware } from './context.ts';

const tooLarge = (): Refusal =>
  new Refusal('REQUEST_TOO_LARGE', `body: expected at most ${requestLimits.bodyBytesMax} bytes`, {
    connection: 'close',
  });

const overloaded = (): Refusal =>
  new Refusal('OVERLOADED', 'too many request bodies are under way; try again later', {
    'retry-after': String(httpLimits.retryAfterSeconds),
    connection: 'close',
  });

const checkHeaders = (request: IncomingMessage): void => {
  const { headers } = request;
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    const came = type === undefined ? 'no such header' : JSON.stringify(type.slice(0, 60));
    throw new Refusal('INVALID_REQUEST', `Content-Type: expected application/json, got ${came}`);
  }
  if (headers['content-encoding'] !== undefined) {
    throw new Refusal('INVALID_REQUEST', 'Content-Encoding: expected no such header, got one');
  }
  if (Number(headers['content-length'] ?? 0) > requestLimits.bodyBytesMax) throw tooLarge();
};

const decode = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal('INVALID_REQUEST', 'body: expected UTF-8, got bytes that are not');
  }
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
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
        size += chunk.length;
        held += chunk.length;
        if (size > requestLimits.bodyBytesMax) throw tooLarge();
        if (held > bytesMax) throw overloaded();
        chunks.push(chunk);
      }
      ctx.state.body = decode(Buffer.concat(chunks));
      await next();
      // A body that is passed on as it comes is held by nobody.
      const answer = typeof ctx.body === 'string' ? Buffer.byteLength(ctx.body) : 0;
      held += answer;
      whenTaken(ctx.res, ctx.req.socket, () => {
        held -= answer;
      });
    } finally {
      held -= size;
    }
  };
};
