// A Secret that somebody broke, in ways that its annotations do not tell, is found out.

import test from 'ava';
import { certificateLimits as limits } from '../../../contract/limits.ts';
import { routerIdentity } from '../../../contract/pool/names.ts';
import { isGenuine } from '../../../operator/certificates/genuine.ts';
import { issue } from '../../../operator/certificates/issue.ts';
import { begun, fresh, stepOf, type Held } from '../../../operator/certificates/rotation.ts';

const now = Date.parse('2026-11-23T12:00:00.500Z');
const expected = { name: `URI:${routerIdentity('p', 'n')}`, now };

test('what was issued is genuine through a whole rotation, however late it goes on', async (t) => {
  let pair = fresh(await issue('p', 'n', now), 'first', now);
  t.true(isGenuine(pair.router, expected));
  let at = now + limits.renewAfterMs;
  pair = begun(pair, await issue('p', 'n', at), 'second', at);
  t.true(isGenuine(pair.router, { ...expected, now: at }));
  for (let step = 0; step < 2; step++) {
    at += limits.validMs - limits.renewAfterMs - limits.settleMs;
    const next = stepOf(pair, at);
    if (next.kind !== 'write') return t.fail(next.kind);
    pair = next;
    t.true(isGenuine(pair.router, { ...expected, now: at }));
  }
  // The leaf is as old as when it was signed, not as when it was first used.
  t.is(pair.router.issuedAt, now + limits.renewAfterMs);
});

test('what is broken, swapped or dated wrongly is not', async (t) => {
  const issued = await issue('p', 'n', now);
  const another = await issue('p', 'n', now);
  const { router } = fresh(issued, 'first', now);
  const broken: Readonly<Record<string, Partial<Held>>> = {
    'no certificate': { leaf: { ...router.leaf, cert: 'garbage' } },
    'no key': { leaf: { ...router.leaf, key: 'garbage' } },
    'the key of another': { leaf: { ...router.leaf, key: another.router.key } },
    'signed by another': { leaf: another.router },
    "the other role's": { leaf: issued.runtime },
    'another authority': { ca: another.ca },
    'issued in a time to come': { issuedAt: now + 10 * limits.validMs },
    'said to be younger than it is': { issuedAt: now + 60_000 },
    'a stage that began in a time to come': { since: now + 10 * limits.validMs },
    'a next leaf of another authority': { other: { ca: issued.ca, leaf: another.router } },
  };
  for (const [what, change] of Object.entries(broken)) {
    t.false(isGenuine({ ...router, ...change }, expected), what);
  }
});
