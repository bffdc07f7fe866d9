// The connections of the server and what is under way on each: one that sends what is no HTTP is
// told so, and none can hold up the end of the server.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { httpLimits } from '../contract/limits.ts';
import { httpStatus } from '../contract/failure.ts';

export interface Connections {
  /**
   * Stops listening and resolves when the last connection is gone: those with a request that is
   * complete get its answer, a request that is not complete has `requestMsMax` left, the others
   * are closed now.
   */
  readonly close: () => Promise<void>;
  /**
   * Takes note of a request. False, and its connection is ended, when it came behind so many others
   * that only the sender of a flood can want their answers.
   */
  readonly begin: (request: IncomingMessage, response: ServerResponse) => boolean;
}

type UnderWay = ReadonlySet<IncomingMessage>;

const refusalOf = (code: string | undefined) => {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = `headers: expected at most ${httpLimits.headerBytesMax} bytes`;
    return { status: 'REQUEST_TOO_LARGE', reason: 'Payload Too Large', message } as const;
  }
  const { headersMsMax, requestMsMax } = httpLimits;
  const messages: Readonly<Record<string, string>> = {
    ERR_HTTP_REQUEST_TIMEOUT:
      `request: expected its headers within ${headersMsMax} ms, ` +
      `all of it within ${requestMsMax} ms`,
    HPE_INVALID_EOF_STATE: 'request: it ended too early',
  };
  const message = messages[code ?? ''] ?? 'request: expected HTTP/1.1, got something else';
  return { status: 'INVALID_REQUEST', reason: 'Bad Request', message } as const;
};

/** Answers what Node's parser refuses before there is a request. */
const answerMalformed = (code: string | undefined, socket: Socket): void => {
  const { status, reason, message } = refusalOf(code);
  const body = JSON.stringify({ status, message });
  socket.end(
    `HTTP/1.1 ${httpStatus[status]} ${reason}\r\n` +
      'Content-Type: application/json; charset=utf-8\r\nConnection: close\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
};

/**
 * Follows the connections of a server that does not listen yet; `opened` is its event for those
 * that requests come on, which over TLS are not the ones that it accepts.
 */
export const followConnections = (
  server: Server,
  opened: 'connection' | 'secureConnection' = 'connection',
): Connections => {
  const open = new Map<Socket, Set<IncomingMessage>>();
  let closing = false;
  const waits = (requests: UnderWay | undefined): boolean =>
    [...(requests ?? [])].some(({ complete }) => complete);
  server.on(opened, (socket: Socket) => {
    // Each request under way listens for the end of its connection.
    socket.setMaxListeners(0);
    open.set(socket, new Set());
    socket.once('close', () => open.delete(socket));
  });
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    // Behind a request that waits for its answer, words would be taken for that answer.
    const silent = !socket.writable || error.code === 'ECONNRESET' || waits(open.get(socket));
    if (silent) socket.destroy();
    else answerMalformed(error.code, socket);
  });
  const destroy = (spared: (requests: UnderWay) => boolean): void => {
    for (const [socket, requests] of open) if (!spared(requests)) socket.destroy();
  };
  return {
    begin(request, response) {
      const { socket } = request;
      const requests = open.get(socket);
      // What was sent behind the last one arrives here still, all at once.
      if (socket.destroyed) return false;
      if (requests && requests.size >= httpLimits.pipelinedMax) {
        socket.destroy();
        return false;
      }
      requests?.add(request);
      response.once('close', () => {
        requests?.delete(request);
        if (closing && requests?.size === 0) socket.destroySoon();
      });
      return true;
    },
    async close() {
      closing = true;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      server.close(() => {
        resolve(undefined);
      });
      // Node looks for late requests no more once it has been told to close.
      const late = setTimeout(destroy, httpLimits.requestMsMax, waits);
      destroy(({ size }) => size > 0);
      await promise;
      clearTimeout(late);
    },
  };
};
