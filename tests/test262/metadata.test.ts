// Front matter as tests of the official suite write it, and what must be refused.

import test from 'ava';
import { parseMetadata } from './metadata.ts';

const meta = (yaml: string) => parseMetadata(`// A copyright\n/*---\n${yaml}\n---*/\ncode();`);

test('lists in brackets, over several lines, and with dashes', (t) => {
  t.deepEqual(meta('includes: [a.js, b.js]').includes, ['a.js', 'b.js']);
  t.deepEqual(meta('includes: [\n  a.js,\n  b.js,\n  ]').includes, ['a.js', 'b.js']);
  t.deepEqual(meta('includes:\n  - a.js\n  - b-c.js').includes, ['a.js', 'b-c.js']);
  t.deepEqual(meta('includes:\n- a.js\n- "b.js"').includes, ['a.js', 'b.js']);
  t.deepEqual(meta('includes: []').includes, []);
  t.deepEqual(meta('features: [a-b, "c"] # why\nincludes: [x.js]').features, ['a-b', 'c']);
});

test('flags', (t) => {
  t.deepEqual([...meta('flags: [onlyStrict, async]').flags], ['onlyStrict', 'async']);
  t.throws(() => meta('flags: [onlyTuesdays]'), { message: /onlyTuesdays/ });
});

test('negative', (t) => {
  const negative = { phase: 'parse', type: 'SyntaxError' };
  t.deepEqual(meta('negative:\n  phase: parse\n  type: SyntaxError').negative, negative);
  t.deepEqual(meta('negative:\n    type: SyntaxError # x\n    phase: parse').negative, negative);
  t.is(meta('description: none').negative, undefined);
  t.throws(() => meta('negative:\n  phase: early\n  type: SyntaxError'), { message: /phase/ });
  t.throws(() => meta('negative:\n  phase: parse'), { message: /type/ });
  t.throws(() => meta('negative: SyntaxError'), { message: /phase/ });
});

test('block texts are passed over, whatever they hold', (t) => {
  const found = meta('info: |\n  flags: [raw]\n  includes: [x.js]\n\n  more\nesid: sec-x');
  t.deepEqual([...found.flags], []);
  t.deepEqual(found.includes, []);
  t.is(found.esid, 'sec-x');
});

test('line ends of any system', (t) => {
  for (const end of ['\n', '\r\n', '\r']) {
    const source = ['/*---', 'flags: [raw]', 'includes: [a.js]', '---*/', 'x'].join(end);
    const { flags, includes } = parseMetadata(source);
    t.deepEqual([[...flags], includes], [['raw'], ['a.js']]);
  }
});

test('a test without front matter is refused', (t) => {
  t.throws(() => parseMetadata('code();'), { message: /front matter/ });
  t.throws(() => parseMetadata('/*--- flags: [raw]'), { message: /front matter/ });
});
