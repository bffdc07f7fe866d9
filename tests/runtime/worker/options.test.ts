// What plain JavaScript may hand to the library: refused with words, never a hang or a missing
// limit.

import test from 'ava';
import { evaluationLimits } from '../../../contract/limits.ts';
import { createEngine, type EngineOptions } from '../../../runtime/index.ts';
import { limitsOf, sandboxesOf, workersOf } from '../../../runtime/worker/options.ts';
import { withEngine } from '../../helpers/engine.ts';

const { engine } = withEngine(test);

const refuses = test.macro({
  async exec(t, options: unknown, message: RegExp) {
    await t.throwsAsync(createEngine(options as EngineOptions), {
      instanceOf: RangeError,
      message,
    });
  },
  title: (_given, options: unknown) => `refuses ${JSON.stringify(options)}`,
});

test(refuses, { workers: -1 }, /^workers: expected an integer from 0 to \d+, got -1$/);
test(refuses, { workers: 1.5 }, /^workers: .* got 1\.5$/);
test(refuses, { workers: 1e9 }, /^workers: .* got 1000000000$/);
test(refuses, { limits: { fuelMax: Number.NaN } }, /^limits\.fuelMax: .* got NaN$/);
test(refuses, { limits: { fuelMax: 0 } }, /^limits\.fuelMax: .* got 0$/);
test(refuses, { limits: { memoryBytesMax: '64Mi' } }, /^limits\.memoryBytesMax: .* got "64Mi"$/);
test(refuses, { limits: { memoryBytesMax: 2 ** 40 } }, /^limits\.memoryBytesMax: /);
test(refuses, { limits: { timeMsMax: Infinity } }, /^limits\.timeMsMax: .* got Infinity$/);
test(refuses, { limits: { outputBytesMax: -1 } }, /^limits\.outputBytesMax: .* got -1$/);
test(refuses, { limits: { fuel: 1 } }, /^limits: expected fuelMax, .* got "fuel"$/);
test(refuses, { wokers: 0 }, /^options: expected workers, .* got "wokers"$/);
test(refuses, { sandboxes: { max: 1 } }, /^sandboxes: expected sandboxesMax, .* got "max"$/);
test(refuses, { sandboxes: { sandboxesMax: 0 } }, /^sandboxes\.sandboxesMax: .* got 0$/);

test(refuses, { state: { folder: '' } }, /^state\.folder: expected a path, got ""$/);
test(refuses, { state: { folder: 5 } }, /^state\.folder: expected a path, got 5$/);
test(refuses, { state: 'folder' }, /^state\.folder: expected a path, got nothing$/);
test(refuses, { state: { folder: '/f', bytesMax: Number.NaN } }, /^state\.bytesMax: .* got NaN$/);
test(refuses, { state: { folder: '/f', bytesMax: '4Gi' } }, /^state\.bytesMax: .* got "4Gi"$/);
test(refuses, { state: { folder: '/f', bytes: 1 } }, /^state: expected folder, .* got "bytes"$/);
test(refuses, { state: { folder: '/f', bytesMax: 1 } }, /^state\.bytesMax: .* 67108864 .* got 1$/);

test('undefined leaves the default in its place', (t) => {
  const given = { fuelMax: undefined, timeMsMax: 7 } as unknown as EngineOptions['limits'];
  t.deepEqual(limitsOf(given), { ...evaluationLimits, timeMsMax: 7 });
  t.true(workersOf(undefined) >= 1);
  const none = { sandboxesMax: undefined } as unknown as EngineOptions['sandboxes'];
  t.deepEqual(sandboxesOf(none, 1), sandboxesOf({}, 1));
});

test('callers that are numbers are refused: their sandboxes could not be told apart', async (t) => {
  const call = (caller: unknown) =>
    engine().evaluate({ sandbox_id: '1x', script: '1' }, caller as string);
  for (const caller of [1, null, {}, ['a']]) {
    await t.throwsAsync(call(caller), { message: /^caller: expected a string, got / });
  }
});
