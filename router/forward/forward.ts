// Sends a request to the member that owns its sandbox, and the answer back as it comes. An
// evaluation is never started twice: only what reached no member, or a member that refused it while
// draining, is sent to another.

import { Refusal } from '../../contract/failure.ts';
import { callerHeader, refusalHeader } from '../../contract/internal-headers.ts';
import { httpLimits, routerLimits as limits } from '../../contract/limits.ts';
import { sandboxKey } from '../callers/caller.ts';
import type { RouterMiddleware, RouterState } from '../context.ts';
import type { Member } from '../members/members.ts';
import type { Members } from '../members/watch.ts';
import { Ending } from './ending.ts';
import { Exchange, type Answer } from './exchange.ts';
import { Loads } from './loads.ts';
import { freeOrder, keyedOrder } from './pick.ts';
import { sandboxIdOf } from './request.ts';
import { pathOf, type Target } from './target.ts';
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

const overloaded = (): Refusal =>
  new Refusal('OVERLOADED', 'too many requests are under way; nothing was evaluated', {
    'retry-after': String(httpLimits.retryAfterSeconds),
  });

interface Call {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly body: Buffer | undefined;
  readonly caller: string;
  readonly traceparent: string;
  /** Key in the ring; undefined: any member. */
  readonly key: string | undefined;
  readonly ending: Ending;
}

const isDraining = ({ statusCode, headers }: Answer): boolean =>
  statusCode === 503 && headers[refusalHeader] === 'draining';

export const forwarder = ({ members, upstream }: ForwardOptions) => {
  const loads = new Loads();

  const orderFor = ({ key, caller }: Call): readonly Member[] => {
    const ring = members.ring();
    if (key !== undefined) return keyedOrder(ring, key);
    const all = ring.orderOf('');
    const free = all.filter(({ id }) => loads.hasRoom(id, caller));
    const luck = [Math.random(), Math.random()] as const;
    return freeOrder(free.length > 0 ? free : all, ({ id }) => loads.of(id), luck);
  };

  /** Undefined: this member did not take it, another may. */
  const attempt = async (member: Member, call: Call): Promise<Answer | undefined> => {
    const { method, path, body, caller, ending } = call;
    if (!loads.hasRoom(member.id, caller)) throw overloaded();
    const headers = ['traceparent', call.traceparent, callerHeader, caller];
    if (body) headers.push('content-type', 'application/json');
    loads.add(member.id, caller);
    const exchange = new Exchange(() => {
      loads.remove(member.id, caller);
    });
    ending.follow(exchange);
    upstream.send({ origin: member.url, method, path, body, headers }, exchange);
    try {
      const answer = await exchange.answer;
      if (!isDraining(answer)) return answer;
      exchange.abort(new Error('refused'));
      return undefined;
    } catch (error) {
      if (error instanceof NotReached) return undefined;
      if (!exchange.begun)
        throw unavailable('no runtime pod took it in time: nothing was evaluated');
      throw unknown(ending.late ? 'no answer came in time' : 'the connection was lost');
    }
  };

  return async (call: Call): Promise<Answer> => {
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

/** Whose sandbox it is about; undefined for a request that any member may take. */
const sandboxOf = (target: Target, bytes: Buffer): string | null | undefined =>
  target.kind === 'sandbox' ? target.id : sandboxIdOf(bytes);

const callOf = ({ target, caller, bytes, traceparent }: RouterState, ending: Ending): Call => {
  const id = sandboxOf(target, bytes);
  const execute = target.kind === 'execute';
  return {
    method: execute ? 'POST' : 'DELETE',
    path: pathOf(target),
    body: execute ? bytes : undefined,
    ...{ caller, traceparent, ending },
    key: typeof id === 'string' ? sandboxKey(caller, id) : undefined,
  };
};

export const forward = (options: ForwardOptions): RouterMiddleware => {
  const send = forwarder(options);
  return async (ctx) => {
    const ending = new Ending(ctx.req.socket, limits.deadlineMs);
    const call = callOf(ctx.state, ending);
    let answer: Answer;
    try {
      answer = await send(call);
    } catch (error) {
      ending.stop();
      throw error;
    }
    ctx.status = answer.statusCode;
    for (const name of passed) {
      const value = answer.headers[name];
      if (value !== undefined) ctx.set(name, String(value));
    }
    const body = answer.body();
    ctx.body = body;
    if (Buffer.isBuffer(body)) ending.stop();
    else
      body.once('close', () => {
        ending.stop();
      });
  };
};
