// Explanations: short whatever came, and helpful about what was meant.

import test from 'ava';
import { failureLimits } from '../../contract/limits.ts';
import { explain, meant, show, unknownField } from '../../contract/explain.ts';

test('show: scalars as they are, all else by kind, nothing long', (t) => {
  t.is(show(undefined), 'nothing');
  t.is(show(null), 'null');
  t.is(show('a"b'), '"a\\"b"');
  t.is(show([1, 2]), 'an array of 2');
  t.is(show({ a: 1 }), 'an object');
  t.is(show(-0.5), '-0.5');
  t.is(show('é'.repeat(100)), 'a string of 200 bytes');
});

test('meant: finds a field in another style or with a slip, and nothing far off', (t) => {
  const known = ['sandbox_id', 'init_script', 'script', 'memory_bytes'];
  t.is(meant('sandboxId', known), 'sandbox_id');
  t.is(meant('initscript', known), 'init_script');
  t.is(meant('scirpt', known), 'script');
  t.is(meant('memory', known), 'memory_bytes');
  t.is(meant('zzz', known), undefined);
  t.is(meant('x'.repeat(1e6), known), undefined);
});

test('explain: names fields, says how many more, shows the example', (t) => {
  const faults = Array.from({ length: failureLimits.faultsMax + 2 }, (_, index) => ({
    path: `field${index}`,
    expected: 'a string',
    came: 'null',
  }));
  const text = explain(faults, { right: true });
  t.regex(text, /^field0: expected a string, got null; field1: /);
  t.regex(text, /; and 2 more\. A correct request: \{"right":true\}$/);
  t.false(text.includes('field8'));
});

test('explain: an unknown field of a megabyte is not repeated', (t) => {
  const text = explain([unknownField('', 'k'.repeat(1e6), ['script'])], {});
  t.true(text.length < 300);
  t.regex(text, /a field of 1000000 characters: an unknown field/);
});
