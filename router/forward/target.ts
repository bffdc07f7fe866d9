// What a request asks of a router: an evaluation, or the end of a sandbox. Pure.

import { Refusal } from '../../contract/failure.ts';

export type Target =
  | { readonly kind: 'execute' }
  /** The sandbox that is to be forgotten. */
  | { readonly kind: 'sandbox'; readonly id: string };

const sandbox = /^\/sandboxes\/([^/]+)$/;

const idOf = (encoded: string): string => {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new Refusal('INVALID_REQUEST', 'path: expected a percent-encoded id after /sandboxes/');
  }
};

const expectMethod = (expected: string, method: string): void => {
  if (method === expected) return;
  throw new Refusal('METHOD_NOT_ALLOWED', `method: expected ${expected}, got ${method}`, {
    allow: expected,
  });
};

/** Throws a Refusal for what no runtime would understand either. */
export const targetOf = (method: string, path: string): Target => {
  if (path === '/execute') {
    expectMethod('POST', method);
    return { kind: 'execute' };
  }
  const [, encoded] = sandbox.exec(path) ?? [];
  if (encoded === undefined) {
    throw new Refusal('NOT_FOUND', 'path: expected /execute or /sandboxes/ID');
  }
  expectMethod('DELETE', method);
  return { kind: 'sandbox', id: idOf(encoded) };
};

/** The path that a member is asked for: an id is spelled in one way, however it came. */
export const pathOf = (target: Target): string =>
  target.kind === 'execute' ? '/execute' : `/sandboxes/${encodeURIComponent(target.id)}`;
