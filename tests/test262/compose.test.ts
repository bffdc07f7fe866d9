// How a test becomes one Script: its variants, what precedes and what follows it.

import test from 'ava';
import { compose, composeMarked, marks, variantsOf } from './compose.ts';
import { parseMetadata } from './metadata.ts';
import type { Suite } from './suite.ts';

const suite: Suite = {
  paths: [],
  has: () => false,
  read: () => {
    throw new Error('not here');
  },
  harness: (name) => `// harness ${name}`,
};

const testOf = (yaml: string, code = 'code();') => {
  const source = `/*---\n${yaml}\n---*/\n${code}`;
  return { path: 'a.js', source, metadata: parseMetadata(source) };
};

test('variants follow the flags', (t) => {
  t.deepEqual(variantsOf(testOf('flags: []')), ['sloppy', 'strict']);
  t.deepEqual(variantsOf(testOf('flags: [onlyStrict]')), ['strict']);
  t.deepEqual(variantsOf(testOf('flags: [noStrict]')), ['sloppy']);
  t.deepEqual(variantsOf(testOf('flags: [raw, async]')), ['raw']);
});

test('the harness comes in its order, before the test', (t) => {
  const script = compose(suite, testOf('includes: [b.js, a.js]\nflags: [async]'), 'sloppy');
  const order = [...script.matchAll(/harness (\S+)/g)].map(([, name]) => name);
  t.deepEqual(order, ['assert.js', 'sta.js', 'doneprintHandle.js', 'b.js', 'a.js']);
  t.true(script.indexOf('a.js') < script.indexOf('code();'));
  t.false(compose(suite, testOf('flags: []'), 'sloppy').includes('doneprintHandle'));
});

test('the directive of strict code comes first of all', (t) => {
  t.true(compose(suite, testOf('flags: []'), 'strict').startsWith('"use strict";\n'));
  t.false(compose(suite, testOf('flags: []'), 'sloppy').includes('use strict'));
});

test('a raw test is not touched', (t) => {
  const raw = testOf('flags: [raw]');
  t.is(compose(suite, raw, 'raw'), raw.source);
});

test('nothing follows a test that must not parse', (t) => {
  const negative = testOf('negative:\n  phase: parse\n  type: SyntaxError', 'if (true)');
  t.true(compose(suite, negative, 'sloppy').endsWith('if (true)'));
  t.true(compose(suite, negative, 'strict').endsWith('if (true)'));
});

const prologues: readonly (readonly [source: string, before: string])[] = [
  ['a()', ''],
  ['"use strict"; a()', '"use strict"; '],
  ["'x'; /* c */ 'use strict';\na()", "'x'; /* c */ 'use strict';\n"],
  ['#!/bin/sh\n// c\n"use strict";a()', '#!/bin/sh\n// c\n"use strict";'],
  ['"use strict" + a()', ''],
  ['"use strict"\nthrow 1', '"use strict"\n'],
  ['"use strict"\n[0]', ''],
  ['"use strict"\n"x"\n.length', '"use strict"\n'],
  ['"a\\"b"; a()', '"a\\"b"; '],
];

for (const [source, before] of prologues) {
  test(`the mark of a raw test is put after its directives: ${JSON.stringify(source)}`, (t) => {
    const marked = composeMarked({ ...testOf('flags: [raw]'), source });
    t.is(marked.split(`\n;console.log('${marks.started}')`)[0], before);
    t.is(marked.replace(`\n;console.log('${marks.started}');\n`, ''), source);
  });
}
