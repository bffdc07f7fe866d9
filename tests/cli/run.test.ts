// paddock run, as a process: what it prints where, and its exit codes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'ava';

const main = new URL('../../cli/main.ts', import.meta.url).pathname;

const paddock = async (args: readonly string[], stdin: string | Uint8Array = '') => {
  const child = spawn(process.execPath, [main, ...args]);
  const code = new Promise((resolve) => child.on('close', resolve));
  child.stdin.end(stdin);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr, code: await code };
};

test('prints what the script prints', async (t) => {
  const { stdout, stderr, code } = await paddock(['run', '--script', "console.log('hello world')"]);
  t.deepEqual({ stdout, stderr, code }, { stdout: 'hello world\n', stderr: '', code: 0 });
});

test('prints a result that is not null, as JSON', async (t) => {
  t.is((await paddock(['run', '-s', '({ a: [1] })'])).stdout, '{"a":[1]}\n');
});

test('takes a script from stdin', async (t) => {
  t.is((await paddock(['run'], '6 * 7')).stdout, '42\n');
});

test('takes a script from a .ts file, input from @FILE, and --init', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-'));
  const file = join(folder, 'script.ts');
  const json = join(folder, 'input.json');
  await writeFile(file, 'const sum = (list: number[]): number => add(...list);\nsum(input);');
  await writeFile(json, '[40, 2]');
  const init = 'function add(a, b) { return a + b }';
  const { stdout, stderr } = await paddock([
    'run',
    '-f',
    file,
    '--init',
    init,
    '--input',
    `@${json}`,
  ]);
  t.deepEqual({ stdout, stderr }, { stdout: '42\n', stderr: '' });
});

test('takes an init_script from @FILE, its types stripped as well', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-'));
  const file = join(folder, 'init.ts');
  await writeFile(file, 'const double = (n: number): number => n * 2;');
  const { stdout, stderr } = await paddock(['run', '-s', 'double(21)', '--init', `@${file}`]);
  t.deepEqual({ stdout, stderr }, { stdout: '42\n', stderr: '' });
});

test('--input is what came, whatever JSON.parse would make of it', async (t) => {
  const given = await paddock(['run', '-s', 'Object.is(input, -0)', '--input', '-0']);
  t.is(given.stdout, 'true\n');
});

test('TypeScript that cannot be stripped is refused with its line', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-'));
  const file = join(folder, 'script.ts');
  await writeFile(file, 'let a = 1;\nenum E { A }');
  const { stderr, code } = await paddock(['run', '-f', file]);
  t.is(code, 2);
  t.regex(
    stderr,
    /^paddock: .*script\.ts:2: TypeScript enum is not supported in strip-only mode\n$/,
  );
});

const exits = test.macro({
  async exec(t, args: readonly string[], code: number, stderr: RegExp) {
    const given = await paddock(['run', ...args]);
    t.is(given.code, code);
    t.regex(given.stderr, stderr);
  },
  title: (_given, args: readonly string[], code: number) => `${args.join(' ')} exits with ${code}`,
});

test(exits, ['-s', 'null.x'], 1, /^RUNTIME_ERROR: TypeError: .*\n.*script:1:/);
test(exits, ['-s', 'for (;;);', '--fuel', '100_000_000'], 3, /^OUT_OF_FUEL: .*100000000 units/);
test(
  exits,
  ['-s', 'var a = []; for (;;) a.push("x".repeat(1e5))', '--memory', '16Mi'],
  4,
  /^OUT_OF_MEMORY/,
);
test(exits, ['-s', '1', '--file', 'x'], 2, /cannot be used with/);
test(
  exits,
  ['1 + 1'],
  2,
  /^paddock: "1 \+ 1": expected --script CODE, --file PATH or a script on stdin$/m,
);
test(exits, ['-s', '1', '--fuel', 'lots'], 2, /Expected an integer from 1 to \d+/);
test(exits, ['-s', '1', '--input', '{'], 2, /--input: expected JSON/);
test(
  exits,
  ['-f', 'missing.js'],
  2,
  /^paddock: --file: missing\.js: expected a file, got no such file$/m,
);
test(exits, ['-s', '1', '--init', '@none.js'], 2, /^paddock: --init: none\.js: expected a file/m);
test(exits, ['-f', tmpdir()], 2, /^paddock: --file: .*: expected a file, got a folder$/m);
test(exits, ['-s', '1', '--input', '@'], 2, /--input: "": expected a file, got no such file/);
test(exits, ['--memory', '1Mi', '-s', '1'], 2, /'--memory <bytes>'.* Expected bytes from \d+/);
test(exits, ['--memory', '100Gi', '-s', '1'], 2, /'--memory <bytes>'.* Expected bytes from \d+/);
test(exits, ['--seed', '', '-s', '1'], 2, /'--seed <integer>'.* Expected an integer/);
test(exits, ['--seed', '0x10', '-s', '1'], 2, /'--seed <integer>'.* Expected an integer/);
test(exits, ['--now', 'noon', '-s', '1'], 2, /'--now <ms>'.* Expected milliseconds from/);
test(exits, ['--now', '', '-s', '1'], 2, /'--now <ms>'.* Expected milliseconds from/);
test(exits, ['-f', process.execPath], 2, /node: expected at most \d+ bytes/);

test('--json prints the whole outcome', async (t) => {
  const { stdout } = await paddock(['run', '-s', 'console.log(1); 2', '--json']);
  const outcome = JSON.parse(stdout) as Record<string, unknown>;
  t.deepEqual([outcome['status'], outcome['result'], outcome['stdout']], ['OK', 2, '1\n']);
});

test('--usage tells fuel and memory on stderr', async (t) => {
  const { stderr } = await paddock(['run', '-s', '1', '--usage']);
  t.regex(stderr, /^fuel \d+, memory \d+ bytes, engine boa-/);
});

test('--seed gives one sequence', async (t) => {
  const draw = async () => (await paddock(['run', '-s', 'Math.random()', '--seed', '5'])).stdout;
  t.is(await draw(), await draw());
});

test('help names the verbs and the exit codes', async (t) => {
  const { stdout, code } = await paddock(['--help']);
  t.is(code, 0);
  t.regex(stdout, /run .*serve .*Exit codes/s);
});

test('a script that is no UTF-8 is refused, one without end is not read to its end', async (t) => {
  const binary = await paddock(['run'], Uint8Array.of(0x22, 0xff, 0x22));
  t.deepEqual(
    [binary.code, binary.stderr],
    [2, 'paddock: stdin: expected text in UTF-8, got bytes that are not\n'],
  );
  const child = spawn('sh', ['-c', 'yes | "$0" "$1" run', process.execPath, main]);
  t.regex(await text(child.stderr), /^paddock: stdin: expected at most \d+ bytes\n$/);
});

test('a reader that leaves early is no error; a full disk is one', async (t) => {
  const script = 'console.log("x".repeat(60000)); "y".repeat(900000)';
  const run = async (sink: string) => {
    const shell = `"$0" "$1" run -s '${script}' ${sink}`;
    const child = spawn('bash', ['-o', 'pipefail', '-c', shell, process.execPath, main]);
    const ended = once(child, 'close');
    return { stderr: await text(child.stderr), ended: await ended };
  };
  const [early, full] = await Promise.all([run('| head -c 1'), run('> /dev/full')]);
  t.deepEqual(early, { stderr: '', ended: [0, null] });
  t.regex(full.stderr, /^paddock: stdout: ENOSPC: .*\n$/);
  t.deepEqual(full.ended, [70, null]);
});
