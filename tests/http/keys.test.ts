// Keys: who gets in, what is told to who does not, and that callers are apart.

import test from 'ava';
import { parseKeys } from '../../http/keys.ts';
import { withServer } from '../helpers/server.ts';

const [alice, bob] = ['alice-key-0123456789', 'bob-key-0123456789ab'];
const keys = parseKeys(`# callers\nalice ${alice}\n\n  bob\t${bob}  \n`);
const { execute, request } = withServer(test, { keys });
const count = { sandbox_id: 'x', init_script: 'var n = 0;', script: '++n' };

test('a key lets in, each caller has sandboxes of its own', async (t) => {
  const as = async (key: string) =>
    (await execute(count, { authorization: `Bearer ${key}` })).body['result'];
  t.deepEqual([await as(alice), await as(alice), await as(bob)], [1, 2, 1]);
});

for (const authorization of [
  '',
  'Bearer',
  'Bearer wrong',
  `Basic ${alice}`,
  `Bearer ${alice}x`,
  `Bearer ${alice} more`,
  alice,
]) {
  test(`"${authorization}" is UNAUTHENTICATED`, async (t) => {
    const { code, body, headers } = await execute(
      count,
      authorization === '' ? {} : { authorization },
    );
    t.is(code, 401);
    t.is(body['status'], 'UNAUTHENTICATED');
    t.is(headers.get('www-authenticate'), 'Bearer');
    t.false(String(body['message']).includes(alice));
  });
}

test('metrics need a key', async (t) => {
  t.is((await request('/metrics')).code, 401);
});

test('probes need no key', async (t) => {
  t.is((await request('/readyz')).code, 200);
});

for (const [text, message] of [
  ['', /no key/],
  ['alice', /line 1/],
  ['# x\nalice short', /line 2.*at least 16/],
  [`alice ${alice} more`, /line 1/],
  ['alice ' + 'é'.repeat(16), /line 1.*ASCII/],
  ['alice ' + 'k'.repeat(16) + '\0', /line 1.*ASCII/],
  [`alice ${alice}\nbob ${alice}`, /two callers/],
] as const) {
  test(`a key file like ${JSON.stringify(text)} is refused`, (t) => {
    t.throws(() => parseKeys(text), { message });
  });
}
