// A line on a terminal while a script runs long: how long, and how much of its fuel it has had.

import type { WriteStream } from 'node:tty';

const afterMs = 1_000;
const everyMs = 200;

/**
 * Starts the line; the returned function ends it and wipes it. On anything but a terminal: nothing.
 */
export const startProgress = (
  stream: Pick<WriteStream, 'isTTY' | 'write'>,
  share: () => number,
): (() => void) => {
  if (!stream.isTTY) return () => undefined;
  const since = performance.now();
  let shown = false;
  const timer = setInterval(() => {
    const ms = performance.now() - since;
    if (ms < afterMs) return;
    shown = true;
    const percent = Math.floor(100 * Math.min(1, share()));
    stream.write(`\r\u001b[Krunning for ${Math.floor(ms / 1000)} s, ${percent} % of its fuel`);
  }, everyMs);
  return () => {
    clearInterval(timer);
    if (shown) stream.write('\r\u001b[K');
  };
};
