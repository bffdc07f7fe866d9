// The package as strangers get it: made, unpacked into a folder of theirs and used from plain
// JavaScript, from TypeScript and from the shell. Its dependencies are this checkout's.

import test from 'ava';
import { execFile } from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;
const name = '@paddock-sandbox/paddock';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: { readonly paddock: string };
}

/** A stranger's folder with the package in its node_modules, as npm would lay it out. */
const install = async () => {
  const parent = await mkdtemp(join(await realpath(tmpdir()), 'paddock-package-'));
  const consumer = join(parent, 'consumer');
  const folder = join(consumer, 'node_modules', name);
  await mkdir(folder, { recursive: true });
  await mkdir(join(consumer, 'node_modules', '.bin'));
  const script = join(root, 'scripts/package.ts');
  const { stdout } = await exec(process.execPath, [script, '--to', join(parent, 'made')]);
  await exec('tar', ['-xzf', stdout.trim(), '--strip-components=1', '-C', folder]);
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  const main = join(folder, manifest.bin.paddock);
  await exec('chmod', ['+x', main]);
  await symlink(main, join(consumer, 'node_modules', '.bin', 'paddock'));
  // Only what the package names: what it forgot is not found.
  const shared = join(parent, 'node_modules');
  await symlink(join(root, 'node_modules'), shared);
  return { parent, consumer, folder, manifest };
};

const installed = install();
test.after.always(async () => rm((await installed).parent, { recursive: true }));

/** Every Node on the PATH that can run it, this one first. */
const nodes = async (): Promise<readonly string[]> => {
  const found = new Set([process.execPath]);
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'node');
    const version = await exec(path, ['--version']).catch(() => undefined);
    if (Number(/^v(\d+)/.exec(version?.stdout ?? '')?.[1]) >= 24) found.add(await realpath(path));
  }
  return [...found];
};

const program = `import { createEngine } from '${name}';
await using engine = await createEngine({ workers: 1 });
const outcome = await engine.evaluate({ script: '1 + 1' });
console.log(outcome.status, outcome.result_json);
`;

test('plain JavaScript imports it and evaluates', async (t) => {
  t.timeout(180_000);
  const { consumer } = await installed;
  await writeFile(join(consumer, 'main.mjs'), program);
  for (const node of await nodes()) {
    const { stdout, stderr } = await exec(node, ['main.mjs'], { cwd: consumer });
    t.deepEqual([stdout, stderr], ['OK 2\n', ''], node);
  }
});

test('npx paddock runs a script', async (t) => {
  t.timeout(180_000);
  const { consumer } = await installed;
  const args = ['--no', 'paddock', 'run', '--script', 'console.log("here"); 6 * 7'];
  const { stdout } = await exec('npx', args, { cwd: consumer });
  t.is(stdout, 'here\n42\n');
});

test('its types resolve, and say no to what is wrong', async (t) => {
  t.timeout(180_000);
  const { consumer } = await installed;
  const source = `import { createEngine, type Outcome } from '${name}';
await using engine = await createEngine({ workers: 1 });
const outcome: Outcome = await engine.evaluate({ script: '1', limits: { fuel: 1 } });
if (outcome.status === 'OK') console.log(outcome.result_json.length);
else console.log(outcome.message.length);
`;
  await writeFile(join(consumer, 'right.mts'), source);
  await writeFile(join(consumer, 'wrong.mts'), source.replace("script: '1'", 'script: 1'));
  const check = (file: string) =>
    exec(process.execPath, [
      join(root, 'node_modules/typescript/bin/tsc'),
      ...['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext'],
      ...['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')],
      ...['--skipLibCheck', join(consumer, file)],
    ]);
  t.is((await check('right.mts')).stdout, '');
  const error = await t.throwsAsync<Error & { stdout: string }>(check('wrong.mts'));
  t.regex(error.stdout, /wrong\.mts\(3,\d+\): error TS2322/);
});

test('it holds what it needs and nothing to be stripped, and names its dependencies', async (t) => {
  t.timeout(180_000);
  const { folder, manifest } = await installed;
  const files = await readdir(folder, { recursive: true });
  t.deepEqual(
    files.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts')),
    [],
  );
  for (const path of ['README.md', 'LICENSE', 'interpreter/dist/boa.wasm']) {
    t.true(files.includes(path), path);
  }
  const areas = new Set(files.map((path) => path.split('/')[0]));
  t.false(areas.has('tests') || areas.has('operator') || areas.has('examples'));
  const imports = await Promise.all(
    files
      .filter((path) => path.endsWith('.js'))
      .map(async (path) => {
        const text = await readFile(join(folder, path), 'utf8');
        const found = text.matchAll(/^(?:import|export) (?:.* from )?['"]((?!node:|\.)[^'"]+)/gm);
        return [...found].map(
          ([, specifier = '']) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? '',
        );
      }),
  );
  const needed = [...new Set(imports.flat())];
  t.deepEqual(
    needed.filter((dependency) => !(dependency in manifest.dependencies)),
    [],
  );
  t.true(needed.includes('koa'));
});

test('the checkout itself is not packed by mistake', async (t) => {
  const packing = exec('npm', ['pack', '--dry-run'], { cwd: root });
  const { stderr } = await t.throwsAsync<Error & { stderr: string }>(packing);
  t.regex(stderr, /npm run package makes one/);
});
