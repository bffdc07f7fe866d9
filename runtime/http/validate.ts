// Body -> ExecuteRequest, or INVALID_REQUEST that names every field that is wrong.

import { explain } from '../../contract/explain.ts';
import { Refusal } from '../../contract/failure.ts';
import { exampleRequest } from '../../contract/request.ts';
import { validateRequest } from '../../contract/validate.ts';
import type { EvaluationLimits } from '../../contract/limits.ts';
import type { Middleware } from './context.ts';

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch (error) {
    const came = body === '' ? 'an empty body' : 'text that is not JSON';
    const why = error instanceof SyntaxError && body !== '' ? ` (${error.message})` : '';
    const faults = [{ path: '', expected: 'a JSON object', came: `${came}${why}` }];
    throw new Refusal('INVALID_REQUEST', explain(faults, exampleRequest));
  }
};

export const validate =
  (limits: EvaluationLimits): Middleware =>
  async (ctx, next) => {
    const request = validateRequest(parse(ctx.state.body), limits);
    if (!request.ok) {
      throw new Refusal('INVALID_REQUEST', explain(request.faults, exampleRequest));
    }
    ctx.state.request = request.value;
    // All that the call needs is in the request: the same text need not wait with it twice more.
    ctx.state.body = '';
    ctx.state.bytes = Buffer.alloc(0);
    await next();
  };
