// What an API server refuses, as data.

import test from 'ava';
import { ApiError, failureOf, isGone, unreachable, valueOf } from '../../kubernetes/failure.ts';

test('a Status is read, anything else is shown', (t) => {
  const status = JSON.stringify({ reason: 'Conflict', message: 'the object has been modified' });
  t.like(failureOf(409, status), { reason: 'Conflict', message: 'the object has been modified' });
  t.like(failureOf(502, '<html>'), { reason: 'HTTP 502', message: '<html>' });
  t.is(failureOf(429, '{}', '3').retryAfterMs, 3000);
});

test('expired and gone are one', (t) => {
  t.true(isGone(failureOf(410, '{}')));
  t.true(isGone(failureOf(400, '{"reason":"Expired"}')));
  t.false(isGone(failureOf(404, '{}')));
});

test('a failure that nobody answers to says what was attempted', (t) => {
  const error = t.throws(
    () => {
      const failure = unreachable(new Error('refused'));
      valueOf<unknown>('apply Deployment a', { ok: false, failure });
    },
    { instanceOf: ApiError },
  );
  t.regex(error.message, /^apply Deployment a: .*refused$/);
  t.is(valueOf('get', { ok: true, value: 7 }), 7);
});
