// Outcome -> response. The result is spliced in as the raw JSON that the engine has validated:
// nothing that a script made is ever a live object here.

import { httpStatus } from '../../contract/failure.ts';
import { bodyOf, type Usage } from '../../contract/outcome.ts';
import type { Middleware } from './context.ts';

const milliseconds = (us: number): string => String(us / 1000);

/** https://www.w3.org/TR/server-timing/ */
const timingOf = ({ sandbox, queue_us, restore_us, run_us }: Usage): string =>
  `queue;dur=${milliseconds(queue_us)}, restore;dur=${milliseconds(restore_us)};desc=${sandbox}, ` +
  `run;dur=${milliseconds(run_us)}`;

export const respond = (): Middleware => (ctx) => {
  const { outcome } = ctx.state;
  ctx.status = httpStatus[outcome.status];
  ctx.type = 'json';
  ctx.set('server-timing', timingOf(outcome.usage));
  ctx.body = bodyOf(outcome);
};
