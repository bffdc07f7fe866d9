// The collector, by what is gone afterwards.

import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { createCollector } from '../../../runtime/worker/collector.ts';

test('what nobody holds is gone, each time that it is asked', async (t) => {
  const collect = createCollector();
  for (const round of [1, 2]) {
    const memory = new WeakRef(new WebAssembly.Memory({ initial: round }));
    // What was made in this turn is held until it ends.
    await turn();
    collect();
    t.is(memory.deref(), undefined);
  }
});
