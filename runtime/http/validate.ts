// Body -> request, or INVALID_REQUEST that names every field that is wrong.

import { explain } from '../../contract/explain.ts';
import { Refusal } from '../../contract/failure.ts';
import { readRequest } from '../../contract/read-request.ts';
import { exampleRequest } from '../../contract/request.ts';
import type { EvaluationLimits } from '../../contract/limits.ts';
import type { Middleware } from './context.ts';

export const validate =
  (limits: EvaluationLimits): Middleware =>
  async (ctx, next) => {
    const request = readRequest(ctx.state.bytes, limits);
    if (!request.ok) {
      throw new Refusal('INVALID_REQUEST', explain(request.faults, exampleRequest));
    }
    ctx.state.request = request.value;
    // All that the call needs is in the request: the same bytes need not wait with it.
    ctx.state.bytes = Buffer.alloc(0);
    await next();
  };
