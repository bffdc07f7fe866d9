// Every hostile script gets the answer that the contract demands, and the next request is right.

import test from 'ava';
import { corpusLimits, readHostileCorpus } from '../fixtures/hostile-corpus.ts';
import { mismatches } from '../fixtures/hostile-match.ts';
import { resultOf, withEngine } from '../helpers/engine.ts';

const { evaluate } = withEngine(test, { workers: 2, limits: corpusLimits });

for (const { name, script, request, expected } of readHostileCorpus()) {
  test(name, async (t) => {
    t.timeout(150_000);
    const outcome = await evaluate({ script, ...request });
    t.deepEqual(mismatches(expected, outcome), [], JSON.stringify(outcome).slice(0, 500));
    t.is(resultOf(await evaluate({ script: '6 * 7' })), 42);
  });
}
