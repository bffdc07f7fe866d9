// Output streams keep what fits, cut between characters, and say so.

import test from 'ava';
import { createOutput } from '../../../runtime/engine/output.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('keeps everything up to the cap, unmarked', (t) => {
  const output = createOutput(6);
  output.write(bytes('abc'));
  output.write(bytes('def'));
  t.is(output.text(), 'abcdef');
});

test('cuts at the cap and marks the cut', (t) => {
  const output = createOutput(4);
  output.write(bytes('abc'));
  output.write(bytes('def'));
  output.write(bytes('ghi'));
  t.is(output.text(), 'abcd\n[output cut]\n');
});

test('a character that the cap falls into is dropped whole', (t) => {
  const output = createOutput(4);
  output.write(bytes('a€€'));
  t.is(output.text(), 'a€\n[output cut]\n');
});

test('a copy is kept: memory that changes later does not show', (t) => {
  const output = createOutput(10);
  const memory = bytes('abc');
  output.write(memory);
  memory.fill(0);
  t.is(output.text(), 'abc');
});
