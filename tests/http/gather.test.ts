// Chunks come out as they went in, and cost about their bytes, however small they are.

import test from 'ava';
import fc from 'fast-check';
import { gather } from '../../http/gather.ts';

test('whatever chunks a body comes in, it is their bytes in order', (t) => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.integer({ min: 4_000, max: 9_000 }).map((bytes) => new Uint8Array(bytes).fill(bytes)),
  );
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 60 }), (chunks) => {
      const gathered = gather();
      for (const each of chunks) gathered.add(Buffer.from(each));
      t.deepEqual(gathered.take(), Buffer.concat(chunks));
      t.is(gathered.take().length, 0);
    }),
    { numRuns: 500 },
  );
});

test('one chunk is handed on as it is', (t) => {
  const gathered = gather();
  const only = Buffer.from('{}');
  gathered.add(only);
  t.is(gathered.take(), only);
});

test('a million chunks of a byte cost little more than their bytes', (t) => {
  const gathered = gather();
  for (let index = 0; index < 1_000_000; index++) gathered.add(Buffer.of(index));
  t.true(gathered.held() < 1_200_000, `${gathered.held()} bytes`);
  const whole = gathered.take();
  t.is(whole.length, 1_000_000);
  t.is(whole[999_999], 999_999 % 256);
});

test('small chunks between large ones do not cost a block each', (t) => {
  const gathered = gather();
  for (let index = 0; index < 500; index++) {
    gathered.add(Buffer.alloc(4 * 1024, 1));
    gathered.add(Buffer.of(2));
  }
  t.true(gathered.held() < 500 * 5 * 1024, `${gathered.held()} bytes`);
  t.is(gathered.take().length, 500 * (4 * 1024 + 1));
});
