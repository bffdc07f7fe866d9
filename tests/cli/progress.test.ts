// The progress line: on terminals alone, and gone when the script is done.

import test from 'ava';
import { startProgress } from '../../cli/progress.ts';

const terminal = (isTTY: boolean) => {
  const written: string[] = [];
  const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
  return { written, stream: { isTTY, write } as Parameters<typeof startProgress>[0] };
};

const seconds = (s: number) => new Promise((resolve) => setTimeout(resolve, s * 1000));

test('a long run shows its seconds and its share of fuel, then wipes the line', async (t) => {
  const { written, stream } = terminal(true);
  const stop = startProgress(stream, () => 0.256);
  await seconds(1.5);
  stop();
  t.regex(written[0] ?? '', /running for 1 s, 25 % of its fuel$/);
  t.is(written.at(-1), '\r\u001b[K');
});

test('nothing is shown for a short run, nor where there is no terminal', async (t) => {
  const short = terminal(true);
  startProgress(short.stream, () => 0)();
  const piped = terminal(false);
  const stop = startProgress(piped.stream, () => 0);
  await seconds(1.5);
  stop();
  t.deepEqual([short.written, piped.written], [[], []]);
});
