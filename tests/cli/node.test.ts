// What the command asks of Node: by its answers, and as processes of the command.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { isNewEnough } from '../../cli/node.ts';
import { withFolder } from '../helpers/state-folder.ts';

const main = new URL('../../cli/main.ts', import.meta.url).pathname;

test('isNewEnough: by the major version', (t) => {
  const versions = ['20.20.2', '23.9.0', '24.0.0', '26.10.0', '100.0.0'];
  const answers = versions.map((version) => isNewEnough(version, '>=24'));
  t.deepEqual(answers, [false, false, true, true, true]);
});

/** Runs a script with this cache folder of the user; whatever that is, it gets its answer. */
const runWith = (t: ExecutionContext, cache: string, more: NodeJS.ProcessEnv = {}): void => {
  const elsewhere = { NODE_COMPILE_CACHE: undefined };
  const env = { ...process.env, ...elsewhere, XDG_CACHE_HOME: cache, ...more };
  const args = [main, 'run', '--script', '6 * 7'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  t.deepEqual({ stdout, stderr }, { stdout: '42\n', stderr: '' });
};

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();

test('what was compiled is kept for its user alone, of workers too, and taken again', (t) =>
  withFolder((cache) => {
    runWith(t, cache);
    const folder = join(cache, 'paddock', 'compiled');
    t.is(statSync(folder).mode & 0o777, 0o700);
    const first = filesIn(folder).map((path) => [path, statSync(path).mtimeMs]);
    t.true(first.length > 50, `${first.length} files`);
    runWith(t, cache);
    t.deepEqual(
      filesIn(folder).map((path) => [path, statSync(path).mtimeMs]),
      first,
    );
    return Promise.resolve();
  }));

test('a folder to which others may write, or that leads elsewhere, is left alone', (t) =>
  withFolder((cache) => {
    for (const [name, mode] of [
      ['world', 0o777],
      ['group', 0o770],
    ] as const) {
      const folder = join(cache, name, 'paddock', 'compiled');
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, mode);
      runWith(t, join(cache, name));
      t.deepEqual(filesIn(folder), [], name);
    }
    const [link, target] = [join(cache, 'link', 'paddock', 'compiled'), join(cache, 'target')];
    for (const folder of [dirname(link), target]) mkdirSync(folder, { recursive: true });
    symlinkSync(target, link);
    runWith(t, join(cache, 'link'));
    t.deepEqual(filesIn(target), []);
    return Promise.resolve();
  }));

test('where no folder can be made, and where Node is told to keep nothing, scripts run', (t) =>
  withFolder((cache) => {
    const file = join(cache, 'file');
    writeFileSync(file, '');
    runWith(t, file);
    runWith(t, cache, { NODE_DISABLE_COMPILE_CACHE: '1' });
    t.deepEqual(filesIn(cache), [file]);
    return Promise.resolve();
  }));
