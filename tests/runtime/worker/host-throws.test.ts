// A host function may throw anything; the script is told something, and nothing else breaks.

import test from 'ava';
import { callHost } from '../../../runtime/worker/host-functions.ts';

const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const thrown: readonly (readonly [unknown, message: string])[] = [
  [new Error('a reason'), 'a reason'],
  [undefined, 'undefined'],
  [Symbol('s'), 'Symbol(s)'],
  [Object.assign(new Error(), { message: Symbol('m') }), 'Symbol(m)'],
  [Object.create(null), 'the host function failed, and does not say why'],
  [revoked(), 'the host function failed, and does not say why'],
];

const context = { caller: '', sandbox_id: null, signal: new AbortController().signal };

test('whatever a function throws, its call is answered', async (t) => {
  for (const [error, message] of thrown) {
    const fail = () => {
      throw error;
    };
    const answer = await callHost({ fail }, { id: 1, name: 'fail', json: 'null' }, context);
    t.deepEqual(answer, { id: 1, ok: false, json: JSON.stringify(message) });
  }
});

test('what it gives may be unreadable too', async (t) => {
  const call = { id: 2, name: 'give', json: 'null' };
  const answer = await callHost({ give: () => revoked() }, call, context);
  t.false(answer.ok);
  t.regex(answer.json, /revoked/);
});
