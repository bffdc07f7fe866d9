// Ends a test file that has run its tests and keeps something open: a failure that says what, where
// the whole run would wait for ever.

import { registerCompletionHandler } from 'ava';

const graceMs = 10_000;

registerCompletionHandler(() => {
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout');
    process.stderr.write(`a test left open: ${open.join(', ')}\n`);
    process.exit(1);
  }, graceMs).unref();
});
