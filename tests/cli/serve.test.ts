// paddock serve, as a process: starts, answers, and ends on a signal.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import test from 'ava';

const main = new URL('../../cli/main.ts', import.meta.url).pathname;

const serve = async (args: readonly string[], env: NodeJS.ProcessEnv = process.env) => {
  const child = spawn(process.execPath, [main, 'serve', ...args], { env });
  const [line] = (await once(createInterface(child.stderr), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return { child, url };
};

test('serves on the port of the environment, ends on SIGINT with 0', async (t) => {
  const { child, url } = await serve([], { ...process.env, PORT: '0' });
  const body = JSON.stringify({ sandbox_id: null, init_script: '', script: '1 + 1' });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/execute`, { method: 'POST', headers, body });
  t.is(((await answer.json()) as { result: number }).result, 2);
  t.regex(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  child.kill('SIGINT');
  t.deepEqual(await once(child, 'exit'), [0, null]);
});

test('another address without keys is refused with words and exit code 2', async (t) => {
  const child = spawn(process.execPath, [main, 'serve', '--host', '0.0.0.0', '--port', '0']);
  const ended = once(child, 'exit');
  t.regex(await text(child.stderr), /^paddock: host 0\.0\.0\.0 can be reached from other machines/);
  t.deepEqual(await ended, [2, null]);
});

test('a port that is taken is told, and the process ends', async (t) => {
  const { child, url } = await serve(['--port', '0']);
  const second = spawn(process.execPath, [main, 'serve', '--port', new URL(url).port]);
  t.regex(await text(second.stderr), /EADDRINUSE/);
  child.kill('SIGINT');
  await once(child, 'exit');
});

test('options that would serve nobody are refused with words and exit code 2', async (t) => {
  const refused = async (args: readonly string[], env: NodeJS.ProcessEnv = process.env) => {
    const child = spawn(process.execPath, [main, 'serve', ...args], { env });
    const ended = once(child, 'exit');
    const words = await text(child.stderr);
    t.deepEqual(await ended, [2, null], words);
    return words;
  };
  t.regex(await refused([], { ...process.env, PORT: '' }), /PORT.* Expected an integer from 0 to/);
  t.regex(await refused(['--port', '70000']), /Expected an integer from 0 to 65535/);
  t.regex(await refused(['--port', '0', '--memory', '1Ki']), /Expected bytes from/);
  t.regex(await refused(['--port', '0', '--workers', '100000']), /Expected an integer from 1 to/);
  t.regex(await refused(['--port', '0', '--log-level', 'all']), /Allowed choices are fatal/);
});
