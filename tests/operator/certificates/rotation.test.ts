// At every step of a rotation, cut off anywhere, router and runtime trust each other, whether each
// has read what was written last or still what was written before.

import test from 'ava';
import fc from 'fast-check';
import { certificateLimits as limits } from '../../../contract/limits.ts';
import type { Issued } from '../../../operator/certificates/issue.ts';
import {
  begun,
  fresh,
  stepOf,
  trustedBy,
  type Held,
  type HeldPair,
} from '../../../operator/certificates/rotation.ts';
import { heldIn, secretOf } from '../../../operator/certificates/secret.ts';

let issuedCount = 0;

/** Certificates by name: who signed a leaf is told by what it is called. */
const issue = (): Issued => {
  issuedCount += 1;
  const ca = `<ca${issuedCount}>`;
  return {
    ca,
    router: { cert: `router of ${ca}`, key: 'k' },
    runtime: { cert: `runtime of ${ca}`, key: 'k' },
  };
};

const trusts = (one: Held, other: Held): boolean =>
  [...trustedBy(one).matchAll(/<ca\d+>/g)].some(([ca]) => other.leaf.cert.endsWith(` of ${ca}`));

const both = (router: Held, runtime: Held): boolean =>
  trusts(router, runtime) && trusts(runtime, router);

/** Takes the next step, writing the runtime's Secret, and the router's unless it is `cut` off. */
const advance = (pair: HeldPair, now: number, cut: boolean): HeldPair => {
  const step = stepOf(pair, now);
  if (step.kind === 'keep') return pair;
  const name = `rotation ${now}`;
  const next =
    step.kind === 'write'
      ? step
      : step.kind === 'begin'
        ? begun(step, issue(), name, now)
        : fresh(issue(), name, now);
  return { runtime: next.runtime, router: cut ? pair.router : next.router };
};

test('through rotations that are cut off anywhere the two always trust each other', (t) => {
  const cuts = fc.array(fc.boolean(), { minLength: 12, maxLength: 40 });
  fc.assert(
    fc.property(cuts, (turns) => {
      let now = 0;
      let pair = advance({ router: undefined, runtime: undefined }, now, false);
      for (const cut of turns) {
        const before = pair;
        pair = advance(pair, now, cut);
        for (const router of [before.router, pair.router]) {
          for (const runtime of [before.runtime, pair.runtime]) {
            if (!router || !runtime) throw new Error('a half is missing');
            t.true(both(router, runtime), JSON.stringify({ router, runtime }));
          }
        }
        const next = stepOf(pair, now);
        // What was cut off is taken up at once; else time goes on, and every pod has read all.
        if (next.kind === 'keep') now += next.lookAgainMs;
      }
    }),
  );
});

test('a rotation that nobody cuts off takes three steps and leaves one authority', (t) => {
  let pair = advance({ router: undefined, runtime: undefined }, 0, false);
  const [old] = [pair.router?.ca];
  const stages: string[] = [];
  let now = 0;
  for (let step = 0; step < 3; step++) {
    const next = stepOf(pair, now);
    t.is(next.kind, 'keep');
    if (next.kind === 'keep') now += next.lookAgainMs;
    pair = advance(pair, now, false);
    stages.push(`${pair.router?.stage ?? ''} ${pair.runtime?.stage ?? ''}`);
  }
  t.deepEqual(stages, ['trust trust', 'switch switch', 'steady steady']);
  t.not(pair.router?.ca, old);
  t.is(pair.router && trustedBy(pair.router), pair.router?.ca);
  t.is(now, limits.renewAfterMs + 2 * limits.settleMs);
});

test('what is missing or has expired is issued anew', (t) => {
  const pair = advance({ router: undefined, runtime: undefined }, 0, false);
  t.is(stepOf({ router: pair.router, runtime: undefined }, 0).kind, 'issue');
  t.is(stepOf({ router: undefined, runtime: pair.runtime }, 0).kind, 'issue');
  t.is(stepOf(pair, limits.validMs + 1).kind, 'issue');
  const other = advance({ router: undefined, runtime: undefined }, 1, false);
  t.not(stepOf({ router: pair.router, runtime: other.runtime }, 1).kind, 'keep');
});

test('a Secret holds what it was given, and one that was edited holds nothing', (t) => {
  let pair = advance({ router: undefined, runtime: undefined }, 0, false);
  let now = 0;
  for (let step = 0; step < 4; step++) {
    for (const held of [pair.router, pair.runtime]) {
      if (!held) continue;
      const secret = secretOf({ name: 'a', namespace: 'b' }, held);
      t.deepEqual(heldIn(secret), held);
      const data = { ...secret.data, 'ca.crt': Buffer.from('another').toString('base64') };
      t.is(heldIn({ ...secret, data }), undefined);
      t.is(heldIn({ ...secret, metadata: { name: 'a' } }), undefined);
    }
    const next = stepOf(pair, now);
    if (next.kind === 'keep') now += next.lookAgainMs;
    pair = advance(pair, now, false);
  }
});
