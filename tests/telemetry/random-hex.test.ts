// Ids that are drawn from a shared page never repeat a byte of it.

import test from 'ava';
import { randomHex } from '../../telemetry/random-hex.ts';

test('ids have their length and do not repeat over many pages', (t) => {
  const ids = Array.from({ length: 5_000 }, (_, index) => randomHex(index % 2 === 0 ? 16 : 8));
  t.is(new Set(ids).size, ids.length);
  t.true(ids.every((id, index) => new RegExp(`^[0-9a-f]{${index % 2 === 0 ? 32 : 16}}$`).test(id)));
});
