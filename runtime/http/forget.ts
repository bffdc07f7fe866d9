// DELETE /sandboxes/:id: ends a sandbox of the caller's own.

import { Refusal } from '../../contract/failure.ts';
import type { Engine } from '../index.ts';
import type { Middleware } from './context.ts';

const prefix = '/sandboxes/';

/** The id in the path, percent-decoded. */
const idOf = (path: string): string => {
  try {
    return decodeURIComponent(path.slice(prefix.length));
  } catch {
    throw new Refusal(
      'INVALID_REQUEST',
      'path: expected a percent-encoded sandbox_id, got text that does not decode',
    );
  }
};

/** 204 when it is gone, NOT_FOUND when this caller has none of that id. */
export const forget =
  (engine: Pick<Engine, 'forget'>): Middleware =>
  (ctx) => {
    if (!engine.forget(idOf(ctx.path), ctx.state.caller)) {
      throw new Refusal('NOT_FOUND', 'sandbox_id: this caller has no sandbox of that id');
    }
    ctx.status = 204;
  };
