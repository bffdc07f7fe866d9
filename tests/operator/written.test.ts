// What was written stands until the cache has it, and no longer.

import test from 'ava';
import { operatorLimits } from '../../contract/limits.ts';
import { Written } from '../../operator/written.ts';

const at = (generation: number, uid = 'u') => ({
  metadata: { name: 'x', uid, generation },
});

test('a cache that lags is not believed', (t) => {
  const written = new Written();
  const now = at(2);
  written.remember(now);
  t.is(written.newest(at(1)), now);
  t.is(written.newest(at(1)), now);
});

test('a cache that caught up is believed from then on, also when it goes on', (t) => {
  const written = new Written();
  written.remember(at(2));
  const cached = at(2);
  t.is(written.newest(cached), cached);
  const older = at(1);
  t.is(written.newest(older), older);
});

test('an object made anew under the same name is another', (t) => {
  const written = new Written();
  written.remember(at(9, 'old'));
  const anew = at(1, 'new');
  t.is(written.newest(anew), anew);
});

test('it does not grow without end: the oldest is forgotten', (t) => {
  const written = new Written();
  written.remember(at(2, 'first'));
  for (let index = 0; index < operatorLimits.writtenMax; index++) {
    written.remember(at(2, String(index)));
  }
  const cached = at(1, 'first');
  t.is(written.newest(cached), cached);
  t.is(written.newest(at(1, '0')).metadata.generation, 2);
});
