// Sources and their packages -> one file for each program, as an image holds them.

import { build, type Plugin } from 'esbuild';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;

/** What each image holds: its program, and what of the command line it does without. */
export const targets = {
  runtime: { entry: 'cli/main.ts', output: 'paddock.js', without: ['./route.ts', './run.ts'] },
  router: { entry: 'cli/main.ts', output: 'paddock.js', without: ['./serve.ts', './run.ts'] },
  operator: { entry: 'operator/main.ts', output: 'operator.js', without: [] },
} as const;

export type Target = keyof typeof targets;

/**
 * A source finds files beside it by import.meta.url, which in a bundle is the bundle's own: each
 * gets the place that it would have, had the tree been kept.
 */
const places: Plugin = {
  name: 'places',
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const place = relative(root, path).replace(/\.ts$/, '.js');
      const url = `new URL(${JSON.stringify(`./${place}`)}, import.meta.url).href`;
      const contents = readFileSync(path, 'utf8').replaceAll('import.meta.url', `(${url})`);
      return { contents, loader: 'ts' };
    });
  },
};

/** Programs that an image does not have: calling them says so. */
const absent = (names: readonly string[]): Plugin => ({
  name: 'absent',
  setup(builder) {
    builder.onResolve({ filter: /^\.\/[a-z]+\.ts$/ }, ({ path, importer }) =>
      names.includes(path) && importer.endsWith('/cli/program.ts')
        ? { path, namespace: 'absent' }
        : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
      contents: "throw new Error('this image does not have this verb');",
    }));
  },
});

const shared = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: root,
  // Koa's depd makes functions from strings, which our images forbid; its build for browsers
  // does not.
  alias: { depd: join(root, 'node_modules/depd/lib/browser/index.js') },
  // Packages of the older module system ask for built-in modules by require.
  banner: {
    js: [
      "import { createRequire as nodeRequire } from 'node:module';",
      'const require = nodeRequire(import.meta.url);',
    ].join(' '),
  },
} as const;

/** Writes a target's files below `folder`. */
export const bundle = async (target: Target, folder: string): Promise<void> => {
  const { entry, output, without } = targets[target];
  mkdirSync(folder, { recursive: true });
  const plugins = [absent(without), places];
  await build({ ...shared, plugins, entryPoints: [entry], outfile: join(folder, output) });
  const { type, version, engines } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Readonly<Record<string, unknown>>;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type, version, engines }));
  if (target !== 'runtime') return;
  // A worker looks for files beside itself, so its bundle stands where its source would.
  const worker = 'runtime/worker/entry';
  const outfile = join(folder, `${worker}.js`);
  await build({ ...shared, entryPoints: [`${worker}.ts`], outfile });
  cpSync(join(root, 'interpreter/dist'), join(folder, 'interpreter/dist'), { recursive: true });
};
