// What a refusal means to the pool's author, and which are only tried again.

import test from 'ava';
import { ApiError } from '../../../kubernetes/failure.ts';
import { NotOwned } from '../../../operator/owned.ts';
import { refusalOf } from '../../../operator/status/refusal.ts';

const api = (code: number, message = 'no') =>
  new ApiError('create Service plugins', { code, reason: 'Forbidden', message });

test('a refusal that lasts has a reason', (t) => {
  t.is(refusalOf(new NotOwned('Service', 'plugins'))?.reason, 'NotOwned');
  t.is(refusalOf(api(403, 'exceeded quota: small'))?.reason, 'QuotaExceeded');
  t.deepEqual(refusalOf(api(403)), {
    reason: 'ReconcileFailed',
    message: 'create Service plugins: Forbidden (403): no',
  });
  t.is(refusalOf(api(422))?.reason, 'ReconcileFailed');
});

test('what may be gone at the next attempt is none, and neither is a fault of ours', (t) => {
  for (const code of [0, 409, 429, 500, 503]) t.is(refusalOf(api(code)), undefined);
  t.is(refusalOf(new TypeError('x')), undefined);
});
