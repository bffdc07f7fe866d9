// paddock route in front of two paddock serves: one sandbox for one id, and what it refuses.

import test from 'ava';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const main = new URL('../../cli/main.ts', import.meta.url).pathname;
const running: ChildProcess[] = [];

const start = (...args: readonly string[]): ChildProcess => {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  return child;
};

/** The URL that a server says it serves. */
const urlOf = async (child: ChildProcess): Promise<string> => {
  if (!child.stderr) throw new Error('no stderr');
  for await (const line of createInterface(child.stderr)) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url !== undefined) return url;
  }
  throw new Error('it ended before it served');
};

test.after.always(() => {
  for (const child of running) child.kill('SIGKILL');
});

test('one sandbox for one id, over both members', async (t) => {
  const members = await Promise.all(
    [1, 2].map(() => urlOf(start('serve', '--port', '0', '--workers', '1'))),
  );
  const url = await urlOf(
    start('route', '--port', '0', ...members.flatMap((member) => ['--member', member])),
  );
  const results: unknown[] = [];
  for (let call = 0; call < 20; call++) {
    const response = await fetch(`${url}/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        sandbox_id: `s${call % 10}`,
        init_script: 'let n = 0',
        script: '++n',
      }),
    });
    results.push(((await response.json()) as { result: unknown }).result);
  }
  t.deepEqual(results, [...Array<number>(10).fill(1), ...Array<number>(10).fill(2)]);
  const served = await Promise.all(
    members.map(async (member) => (await fetch(`${member}/metrics`)).text()),
  );
  t.true(served.every((text) => /paddock_evaluations_total\{status="OK"\} [1-9]/.test(text)));
});

const refused: readonly (readonly [args: readonly string[], said: RegExp])[] = [
  [[], /expected --member URL, or --pool/],
  [['--member', 'ftp://x'], /--member: expected a URL/],
  [['--member', 'http://127.0.0.1:1', '--key-file', 'k'], /--key-file: expected none/],
  [['--member', 'http://127.0.0.1:1', '--host', '0.0.0.0'], /--anonymous/],
  [['--pool', 'a', '--namespace', 'b'], /--tls-dir/],
];

for (const [args, said] of refused) {
  test(`refused: route ${args.join(' ')}`, async (t) => {
    const child = start('route', ...args);
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number];
    t.is(code, 2);
    t.regex(text, said);
  });
}
