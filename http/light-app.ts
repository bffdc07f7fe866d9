// A list of middlewares behind a listener, without Koa. A router only passes a request on, so what
// Koa does for each (accessors, headers one by one, a promise for every middleware) was a tenth of
// its CPU.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { HttpContext, Middleware } from './context.ts';

const pathOf = (url: string): string => {
  // Some send all of the URL, as to a proxy.
  const path = url.startsWith('/') ? url : (URL.parse(url)?.pathname ?? url);
  const query = path.indexOf('?');
  return query < 0 ? path : path.slice(0, query);
};

class LightContext<State> implements HttpContext<State> {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
  readonly path: string;
  readonly protocol: string;
  readonly state: State;
  /** Names and values in turn. */
  readonly headers: string[] = [];
  status = 404;
  body: unknown = undefined;

  constructor(req: IncomingMessage, res: ServerResponse, state: State) {
    this.req = req;
    this.res = res;
    this.state = state;
    this.method = req.method ?? '';
    this.path = pathOf(req.url ?? '');
    this.protocol = 'encrypted' in req.socket ? 'https' : 'http';
  }

  set(name: string, value: string): void {
    this.headers.push(name, value);
  }
}

type Fault = (error: unknown) => void;

const respond = ({ res, status, body, headers }: LightContext<unknown>, onFault: Fault): void => {
  if (body instanceof Readable) {
    res.writeHead(status, headers);
    // A stream that fails ends the connection, a client that leaves ends the stream.
    pipeline(body, res, (error) => {
      if (error) onFault(error);
    });
    return;
  }
  const whole = typeof body === 'string' || Buffer.isBuffer(body) ? body : '';
  const bare = status === 204 || status === 304;
  if (!bare && !headers.includes('content-length')) {
    headers.push('content-length', String(Buffer.byteLength(whole)));
  }
  res.writeHead(status, headers);
  res.end(bare ? undefined : whole);
};

const nothing = Promise.resolve();

/** @param onFault told of what went wrong with an answer: its client is gone, or cut off */
export const lightApp =
  <State>(middlewares: readonly Middleware<State>[], onFault: Fault): RequestListener =>
  (req, res) => {
    const ctx = new LightContext(req, res, {} as State);
    const run = (index: number): Promise<unknown> =>
      middlewares[index]?.(ctx, () => run(index + 1)) ?? nothing;
    Promise.try(run, 0)
      .then(() => {
        respond(ctx, onFault);
      })
      .catch((error: unknown) => {
        onFault(error);
        res.destroy();
      });
  };
