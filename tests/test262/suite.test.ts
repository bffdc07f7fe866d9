// A suite on disk: where its root is, what counts as a test, and what is skipped and why.

import test from 'ava';
import { fileURLToPath } from 'node:url';
import { parseMetadata } from './metadata.ts';
import { skipReason } from './skips.ts';
import { openSuite } from './suite.ts';

const root = fileURLToPath(new URL('../fixtures/test262', import.meta.url));

test('a folder within test/ finds the root above it', (t) => {
  const all = openSuite(root).paths;
  const part = openSuite(`${root}/test/async`).paths;
  t.true(all.length > part.length);
  t.deepEqual(
    part,
    all.filter((path) => path.startsWith('async/')),
  );
});

test('a test is known beyond the folder that was named; what is no test is not', (t) => {
  const { has } = openSuite(`${root}/test/async`);
  t.true(has('async/done.js'));
  t.true(has('pass/plain.js'));
  t.false(has('pass/gone.js'));
  t.false(has('../harness/assert.js'));
});

test('a folder without a suite is refused', (t) => {
  t.throws(() => openSuite('/'), { message: /test\/ and harness\// });
  t.throws(() => openSuite(`${root}/nowhere/at/all/../../../../../..`), { message: /harness/ });
});

test('fixtures of other tests are no tests', (t) => {
  t.false(openSuite(root).paths.some((path) => path.includes('_FIXTURE')));
});

test('the harness is one folder: nothing above it is read', (t) => {
  const { harness } = openSuite(root);
  t.regex(harness('double.js'), /double/);
  t.throws(() => harness('nowhere.js'), { message: /does not exist/ });
  t.throws(() => harness('../test/pass/plain.js'), { message: /does not exist/ });
});

const skip = (path: string, yaml: string, code = '', options = {}) => {
  const source = `/*---\n${yaml}\n---*/\n${code}`;
  const asked = { staging: false, features: [], ...options };
  return skipReason({ path, source, metadata: parseMetadata(source) }, asked);
};

test('what cannot be asked is skipped, each with its reason', (t) => {
  t.regex(skip('a.js', 'flags: [module]') ?? '', /modules/);
  t.regex(skip('a.js', 'features: [dynamic-import]') ?? '', /modules/);
  t.regex(skip('a.js', 'flags: [CanBlockIsTrue]') ?? '', /agent/);
  t.regex(skip('a.js', 'flags: []', '$262.agent.start("")') ?? '', /agent/);
  t.regex(skip('intl402/a.js', 'flags: []') ?? '', /ECMA-402/);
  t.regex(skip('staging/a.js', 'flags: []') ?? '', /--staging/);
  t.regex(skip('staging/intl402/a.js', '', '', { staging: true }) ?? '', /ECMA-402/);
  t.regex(skip('a.js', 'features: [Proxy]', '', { features: ['Proxy'] }) ?? '', /Proxy/);
});

test('what can be asked is not skipped', (t) => {
  const negative = 'negative:\n  phase: parse\n  type: SyntaxError\n';
  t.is(skip('a.js', `${negative}features: [dynamic-import]`), undefined);
  t.regex(skip('a.js', `${negative}flags: [module]`) ?? '', /modules/);
  t.is(skip('a.js', 'flags: [CanBlockIsFalse]'), undefined);
  t.is(skip('a.js', 'features: [SharedArrayBuffer, Atomics]'), undefined);
  t.is(skip('a.js', 'features: [__proto__, constructor]'), undefined);
  t.is(skip('staging/a.js', 'flags: []', '', { staging: true }), undefined);
});
