// Sends a request to the member that owns its sandbox, and the answer back as it comes. An
// evaluation is never started twice: only what reached no member, or a member that refused it while
// draining, is sent to another.

import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { Refusal } from '../../contract/failure.ts';
import { callerHeader, refusalHeader } from '../../contract/internal-headers.ts';
import { httpLimits, routerLimits as limits } from '../../contract/limits.ts';
import type { HttpMiddleware } from '../../http/context.ts';
import { sandboxKey } from '../callers/caller.ts';
import type { Member } from '../members/members.ts';
import type { Members } from '../members/watch.ts';
import { freeOrder, keyedOrder } from './pick.ts';
import { sandboxIdOf } from './request.ts';
import { NotReached, type Upstream } from './upstream.ts';

export interface ForwardOptions {
  readonly members: Members;
  readonly upstream: Upstream;
}

/** Headers of an answer that are the caller's to see. */
const passed = ['content-type', 'content-length', 'retry-after', 'server-timing', 'allow'];

const unavailable = (message: string): Refusal =>
  new Refusal('UNAVAILABLE', message, { 'retry-after': String(httpLimits.retryAfterSeconds) });

const unknown = (why: string): Refusal =>
  new Refusal('OUTCOME_UNKNOWN', `outcome unknown: the request was sent, and ${why}`);

/** Requests under way to each member. */
const createLoads = () => {
  const loads = new Map<string, number>();
  const add = (id: string, change: number): void => {
    const load = (loads.get(id) ?? 0) + change;
    if (load > 0) loads.set(id, load);
    else loads.delete(id);
  };
  return { of: ({ id }: Member) => loads.get(id) ?? 0, add };
};

interface Call {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly body: string;
  readonly caller: string;
  readonly traceparent: string;
  /** Key in the ring; undefined: any member. */
  readonly key: string | undefined;
  readonly signal: AbortSignal;
}

const isDraining = ({ statusCode, headers }: Dispatcher.ResponseData): boolean =>
  statusCode === 503 && headers[refusalHeader] === 'draining';

export const forwarder = ({ members, upstream }: ForwardOptions) => {
  const loads = createLoads();

  const orderFor = ({ key }: Call): readonly Member[] => {
    const ring = members.ring();
    if (key !== undefined) return keyedOrder(ring, key);
    return freeOrder(ring.orderOf(''), loads.of, [Math.random(), Math.random()]);
  };

  /** Undefined: this member did not take it, another may. */
  const attempt = async (
    member: Member,
    call: Call,
  ): Promise<Dispatcher.ResponseData | undefined> => {
    loads.add(member.id, 1);
    try {
      const { method, path, body, signal } = call;
      const headers = {
        'content-type': 'application/json',
        traceparent: call.traceparent,
        [callerHeader]: call.caller,
      };
      const answer = await upstream.send({
        ...{ origin: member.url, method, path, body, signal, headers },
      });
      answer.body.once('close', () => {
        loads.add(member.id, -1);
      });
      if (!isDraining(answer)) return answer;
      await answer.body.dump();
      return undefined;
    } catch (error) {
      loads.add(member.id, -1);
      if (error instanceof NotReached) return undefined;
      const late = call.signal.reason instanceof DOMException && call.signal.aborted;
      throw unknown(late ? 'no answer came in time' : 'the connection was lost');
    }
  };

  return async (call: Call): Promise<Dispatcher.ResponseData> => {
    const waitUntil = performance.now() + limits.memberWaitMs;
    const tried = new Set<string>();
    for (let attempts = 0; attempts < limits.attemptsMax; attempts++) {
      let [member] = orderFor(call).filter(({ id }) => !tried.has(id));
      if (!member) {
        // None, or none left: the ring may be about to tell of another.
        const ms = waitUntil - performance.now();
        if (ms <= 0) break;
        await members.changed(ms);
        tried.clear();
        [member] = orderFor(call);
        if (!member) continue;
      }
      const answer = await attempt(member, call);
      if (answer) return answer;
      tried.add(member.id);
    }
    throw unavailable('no runtime pod takes work at the moment; nothing was evaluated');
  };
};

/** A client that leaves takes its request along. */
const whileConnected = async <A>(
  socket: Socket,
  run: (signal: AbortSignal) => Promise<A>,
): Promise<A> => {
  const gone = new AbortController();
  const leave = (): void => {
    gone.abort(new Error('the client left'));
  };
  socket.once('close', leave);
  try {
    return await run(AbortSignal.any([gone.signal, AbortSignal.timeout(limits.deadlineMs)]));
  } finally {
    socket.off('close', leave);
  }
};

export const forward = (options: ForwardOptions): HttpMiddleware => {
  const send = forwarder(options);
  return async (ctx) => {
    const { caller, body, traceparent } = ctx.state;
    const id = sandboxIdOf(body);
    const answer = await whileConnected(ctx.req.socket, (signal) =>
      send({
        ...{ method: 'POST', path: '/execute', body, caller, traceparent, signal },
        key: typeof id === 'string' ? sandboxKey(caller, id) : undefined,
      }),
    );
    ctx.status = answer.statusCode;
    for (const name of passed) {
      const value = answer.headers[name];
      if (value !== undefined) ctx.set(name, value);
    }
    ctx.body = answer.body;
  };
};
