// Outcome -> response. The result is spliced in as the raw JSON that the engine has validated:
// nothing that a script made is ever a live object here.

import { httpStatus } from '../../contract/failure.ts';
import { bodyOf } from '../../contract/outcome.ts';
import type { Middleware } from './context.ts';

export const respond = (): Middleware => (ctx) => {
  const { outcome } = ctx.state;
  ctx.status = httpStatus[outcome.status];
  ctx.type = 'json';
  ctx.body = bodyOf(outcome);
};
