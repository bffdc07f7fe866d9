// What each way to fail means in HTTP: for the author of a rule, and for a buyer at the till.

import { Refusal } from '@paddock-sandbox/paddock';
import type { ErrorRequestHandler, Response } from 'express';
import type { Failure } from './price-rule.ts';

const retryAfterSeconds = '1';

/** Author's faults are 422; a crowded machine is 503; a fault of the engine is 500. */
const codeOf: Readonly<Record<Failure['status'], number>> = {
  RUNTIME_ERROR: 422,
  OUT_OF_FUEL: 422,
  OUT_OF_MEMORY: 422,
  WRONG_RESULT: 422,
  OUT_OF_TIME: 503,
  INTERNAL_SERVER_ERROR: 500,
};

const hints: Readonly<Partial<Record<Failure['status'], string>>> = {
  OUT_OF_FUEL: 'Is there a loop that does not end?',
  OUT_OF_MEMORY: 'Is there a list that only grows?',
  OUT_OF_TIME: 'The machine is busy; the same rule may pass in a moment.',
};

/** Whether the author of a rule can do something about a failure. */
export const isAuthorsFault = ({ status }: Failure): boolean => codeOf[status] === 422;

const retryLater = (response: Response, code: number, body: object): void => {
  response.status(code).set('retry-after', retryAfterSeconds).json(body);
};

/** The author sees everything: message, stack, and what the rule has printed. */
export const answerAuthor = (response: Response, failure: Failure): void => {
  const hint = hints[failure.status];
  const body = { ...failure, ...(hint === undefined ? {} : { hint }) };
  const code = codeOf[failure.status];
  if (code === 503) retryLater(response, code, body);
  else response.status(code).json(body);
};

/** A buyer sees no more than that there is no price yet. */
export const answerBuyer = (response: Response, failure: Failure): void => {
  const body = { error: 'the price cannot be computed at the moment' };
  if (codeOf[failure.status] === 503) retryLater(response, 503, body);
  else response.status(500).json(body);
};

/** The engine's queue is full (429), or it is shutting down (503). */
export const answerRefusal = (response: Response, { status, headers }: Refusal): void => {
  response.set('retry-after', headers['retry-after'] ?? retryAfterSeconds);
  response.status(status === 'OVERLOADED' ? 429 : 503).json({ error: 'busy, try again' });
};

/** Malformed requests explain themselves; anything else is ours, and stays in our log. */
export const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const known = error as { readonly status?: unknown; readonly message?: string };
  if (response.headersSent) next(error);
  else if (error instanceof Refusal) response.status(400).json({ error: error.message });
  else if (typeof known.status === 'number' && known.status < 500) {
    response.status(known.status).json({ error: known.message });
  } else {
    console.error(error);
    response.status(500).json({ error: 'internal error' });
  }
};
