// Relations between limits that the code relies on.

import test from 'ava';
import {
  evaluationLimits,
  httpLimits,
  poolLimits,
  requestLimits,
  routerLimits,
} from '../../contract/limits.ts';

/** As numbers that the compiler does not know. */
const numbers = (limits: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  limits;

test('two sources and an input of the largest size fit into a body', (t) => {
  const { sourceBytesCeiling, inputBytesMax, bodyBytesMax } = requestLimits;
  t.true(2 * sourceBytesCeiling + inputBytesMax < bodyBytesMax);
});

test('a queue can hold several requests of the largest size', (t) => {
  t.true(poolLimits.queueBytesMax >= 8 * requestLimits.bodyBytesMax);
  t.true(poolLimits.bodiesBytesMax >= poolLimits.queueBytesMax);
});

test('a worker may keep at least one sandbox of the largest size', (t) => {
  t.true(poolLimits.sandboxBytesPerWorkerMax >= evaluationLimits.memoryBytesMax);
});

test('what a server grants can be asked for', (t) => {
  t.true(evaluationLimits.fuelMax <= requestLimits.fuelCeiling);
  t.true(evaluationLimits.memoryBytesMax >= requestLimits.memoryBytesMin);
  t.true(evaluationLimits.memoryBytesMax <= requestLimits.memoryBytesCeiling);
});

test('a quantum is a small part of a budget, so that deadlines are seen', (t) => {
  t.true(poolLimits.quantumFuel * 100 <= evaluationLimits.fuelMax);
});

test('an idle connection of a caller is gone before its router is', (t) => {
  const [router, server] = [numbers(routerLimits), numbers(httpLimits)];
  t.true((router['callerKeepAliveMs'] ?? NaN) <= (server['drainDelayMs'] ?? NaN));
});

test('idle connections are kept longer than callers are told, and than Go keeps them', (t) => {
  const [router, server] = [numbers(routerLimits), numbers(httpLimits)];
  const { idleMs = NaN, keepAliveMs = NaN } = server;
  t.true(idleMs > Math.max(keepAliveMs, router['callerKeepAliveMs'] ?? NaN, 90_000));
});

test('a router lets go of a connection before its member does', (t) => {
  const [router, server] = [numbers(routerLimits), numbers(httpLimits)];
  t.true((router['keepAliveMs'] ?? NaN) < (server['keepAliveMs'] ?? NaN));
});

test('headers must be in before the whole request', (t) => {
  const limits = numbers(httpLimits);
  t.true((limits['headersMsMax'] ?? NaN) <= (limits['requestMsMax'] ?? NaN));
});
