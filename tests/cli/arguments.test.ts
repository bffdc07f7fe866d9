// Option arguments: what is taken as which number, and that nothing else is.

import test from 'ava';
import { instant, integer, memoryBytes } from '../../cli/arguments.ts';
import { requestLimits } from '../../contract/limits.ts';

const taken = (parse: (text: string) => number, texts: readonly string[]) =>
  texts.map((text) => {
    try {
      return parse(text);
    } catch (error) {
      return (error as Error).message.slice(0, 8);
    }
  });
const refused = (count: number) => Array.from({ length: count }, () => 'Expected');

test('integer: decimal digits within bounds', (t) => {
  const parse = integer(1, 2_000_000);
  t.deepEqual(taken(parse, ['1', '007', '1_000_000', '2000000']), [1, 7, 1_000_000, 2_000_000]);
  const wrong = ['', ' ', '0', '-1', '1.5', '1e3', '0x10', '1_', '2000001', 'NaN', '９'];
  t.deepEqual(taken(parse, wrong), refused(wrong.length));
});

test('memoryBytes: with a suffix or without, no less and no more than a sandbox may have', (t) => {
  const { memoryBytesMin, memoryBytesCeiling } = requestLimits;
  const right = [`${memoryBytesMin}`, '16384Ki', '64Mi', `${memoryBytesCeiling}`];
  const bytes = [memoryBytesMin, 16 * 1024 ** 2, 64 * 1024 ** 2, memoryBytesCeiling];
  t.deepEqual(taken(memoryBytes, right), bytes);
  const wrong = ['', '64', 'Mi', '64mi', '64M', '64 Mi', '-64Mi', '1.5Gi', '2Gi', '1e8'];
  t.deepEqual(taken(memoryBytes, wrong), refused(wrong.length));
});

test('instant: what a Date can hold', (t) => {
  const max = requestLimits.nowMsMax;
  t.deepEqual(taken(instant, ['0', '-1.5', `${max}`, `${-max}`]), [0, -1.5, max, -max]);
  const wrong = ['', ' ', 'noon', 'NaN', 'Infinity', `${max + 1}`];
  t.deepEqual(taken(instant, wrong), refused(wrong.length));
});
