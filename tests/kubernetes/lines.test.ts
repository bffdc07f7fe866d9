// A watch's bytes -> lines, however they are cut.

import test from 'ava';
import fc from 'fast-check';
import { linesOf } from '../../kubernetes/lines.ts';

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const read = async (text: string, sizes: readonly number[], bytesMax = 1e6) => {
  const lines: string[] = [];
  for await (const line of linesOf(cut(Buffer.from(text), sizes), bytesMax)) lines.push(line);
  return lines;
};

test('lines are the same wherever the stream is cut', async (t) => {
  const line = fc.string({ unit: 'binary', minLength: 1 }).filter((each) => !each.includes('\n'));
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(fc.array(line), sizes, async (lines, each) => {
      const whole = lines.map((one) => one.toWellFormed());
      t.deepEqual(await read(whole.map((one) => `${one}\n`).join(''), each), whole);
    }),
  );
});

test('a last line that was cut off is not given', async (t) => {
  t.deepEqual(await read('{"a":1}\n{"b"', [3]), ['{"a":1}']);
});

test('a line without end is refused', async (t) => {
  await t.throwsAsync(read('x'.repeat(100), [10], 50), { message: /over 50 bytes/ });
});
