// The memory limit holds to one wasm page, cannot be caught, and garbage does not count against it.

import test from 'ava';
import { requestLimits } from '../../contract/limits.ts';
import { pageBytes } from '../../runtime/engine/abi.ts';
import { failureOf, resultOf, withEngine } from '../helpers/engine.ts';

const { evaluate } = withEngine(test, {
  limits: { fuelMax: 400_000_000_000, timeMsMax: 120_000 },
});
const MiB = 1024 * 1024;

test('memory never passes its limit', async (t) => {
  const script = 'var held = []; for (;;) held.push(new Array(100).fill(1));';
  for (const memory_bytes of [12 * MiB, 12 * MiB + pageBytes, 12 * MiB + 5, 33 * MiB]) {
    const outcome = await evaluate({ script, limits: { memory_bytes } });
    t.is(outcome.status, 'OUT_OF_MEMORY');
    t.true(outcome.usage.memory_bytes <= memory_bytes);
    t.true(memory_bytes - outcome.usage.memory_bytes < 2 * MiB, String(outcome.usage.memory_bytes));
  }
});

test('a script that fits its limit to the page runs, one page less is OUT_OF_MEMORY', async (t) => {
  const script = 'var held = new Uint8Array(9e6).fill(1); held.length';
  const { usage } = await evaluate({ script });
  const enough = await evaluate({ script, limits: { memory_bytes: usage.memory_bytes } });
  t.is(resultOf(enough), 9e6);
  t.is(enough.usage.memory_bytes, usage.memory_bytes);
  const short = await evaluate({ script, limits: { memory_bytes: usage.memory_bytes - 1 } });
  t.is(short.status, 'OUT_OF_MEMORY');
});

for (const script of [
  'try { for (var a = [];;) a.push(new Array(1000).fill(1)); } catch { "caught" }',
  'try { for (var a = [];;) a.push(new Array(1000).fill(1)); } finally { for (;;); }',
  'var a = []; new Promise((f) => { for (;;) a.push("x".repeat(1e5) + a.length); }).catch(() => 1)',
  'var a = []; for (;;) { try { a.push(new Uint8Array(1e6)) } catch { a.push(a.slice()) } }',
]) {
  test(`OUT_OF_MEMORY cannot be caught: ${script}`, async (t) => {
    const outcome = await evaluate({ script, limits: { memory_bytes: 24 * MiB } });
    t.regex(failureOf(outcome), /^OUT_OF_MEMORY script needed more than its 25165824 bytes/);
  });
}

for (const [script, expected] of [
  ['new ArrayBuffer(2 ** 33)', /^RUNTIME_ERROR RangeError: /],
  ['new Uint8Array(33 * 1024 * 1024)', /^RUNTIME_ERROR RangeError: /],
  ['"x".repeat(2 ** 31)', /^RUNTIME_ERROR RangeError: /],
  ['new Array(-1)', /^RUNTIME_ERROR RangeError: /],
  ['2n ** (10n ** 9n)', /^(RUNTIME_ERROR RangeError|OUT_OF_(MEMORY|FUEL))/],
] as const) {
  test(`an impossible size is told: ${script}`, async (t) => {
    t.regex(failureOf(await evaluate({ script, limits: { memory_bytes: 32 * MiB } })), expected);
  });
}

for (const [kind, script] of [
  ['typed arrays', 'for (let i = 0; i < 10000; i++) new Uint8Array(1e6); 1'],
  ['array buffers', 'for (let i = 0; i < 10000; i++) new ArrayBuffer(1e6); 1'],
  ['strings', 'for (let i = 0; i < 10000; i++) "x".repeat(1e6); 1'],
  ['strings held by garbage', 'for (let i = 0; i < 10000; i++) ({ s: "x".repeat(1e6) });'],
] as const) {
  test(`10 GB of short-lived ${kind} pass through 32 MiB`, async (t) => {
    t.timeout(150_000);
    t.is(
      failureOf(await evaluate({ script, limits: { memory_bytes: 32 * MiB } })).slice(0, 2),
      'OK',
    );
  });
}

test('a sandbox that holds more than a call may have is not entered, and not lost', async (t) => {
  const sandbox_id = 'large';
  await evaluate({ sandbox_id, script: 'var held = new Uint8Array(20e6).length; var n = 1' });
  const script = 'n = 2';
  const refused = await evaluate({ sandbox_id, script, limits: { memory_bytes: 12 * MiB } });
  t.regex(failureOf(refused), /^OUT_OF_MEMORY the sandbox holds \d+ bytes .* script was not run$/);
  t.is(refused.state, 'kept');
  t.is(refused.usage.fuel, 0);
  t.is(resultOf(await evaluate({ sandbox_id, script: 'n' })), 1);
});

test('the least memory that may be asked for is enough to answer in', async (t) => {
  const limits = { memory_bytes: requestLimits.memoryBytesMin };
  const outcome = await evaluate({ script: '[1, 2].map((x) => x * 2)', limits });
  t.deepEqual(resultOf(outcome), [2, 4]);
  t.true(outcome.usage.memory_bytes <= requestLimits.memoryBytesMin);
});

test('a thousand calls of a script that keeps nothing do not grow the sandbox', async (t) => {
  const call = () =>
    evaluate({ sandbox_id: 'steady', script: 'input.map((x) => [x, String(x)]).length', input });
  const input = Array.from({ length: 500 }, (_, index) => index);
  for (let warm = 0; warm < 200; warm++) await call();
  const before = (await call()).usage.memory_bytes;
  for (let round = 0; round < 800; round++) await call();
  t.is((await call()).usage.memory_bytes, before);
});
