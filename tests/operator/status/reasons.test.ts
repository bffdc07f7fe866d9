// Every reason of a condition is brought about by its real cause in a test on a real cluster: one
// whose title begins with the reason, or with several.

import test from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reasons } from '../../../contract/pool/status.ts';

const tests = new URL('../../', import.meta.url).pathname;

/** Reasons that the titles of a test file begin with, as in `Available, RolledOut: a pool …`. */
const claimedBy = (text: string): readonly string[] =>
  [...text.matchAll(/\(\s*'([A-Z]\w+(?:, [A-Z]\w+)*): /g)].flatMap(([, names = '']) =>
    names.split(', '),
  );

test('each reason has its test on a real cluster', (t) => {
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(?:apiserver|node)\.test\.ts$/.test(file),
  );
  const claimed = new Set(
    files.flatMap((file) => claimedBy(readFileSync(join(tests, file), 'utf8'))),
  );
  t.deepEqual(
    Object.keys(reasons).filter((reason) => !claimed.has(reason)),
    [],
  );
});

test('a title that only mentions a reason does not count', (t) => {
  t.deepEqual(claimedBy("test.serial('Crashing: its cause', async (t) => {"), ['Crashing']);
  t.deepEqual(claimedBy("test(\n  'Available, RolledOut: all', async"), ['Available', 'RolledOut']);
  t.deepEqual(claimedBy("test('no Crashing: here')\ndegraded('x', 'Crashing')"), []);
});
