// npm run package: the package as it is installed, made from the sources: JavaScript and
// declarations, since Node strips no types within node_modules.
//   --to DIR    where the tarball goes; build/ when absent
//   --refuse    says why the checkout itself cannot be packed

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { root } from './interpreter/sources.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const { values: options } = parseArgs({
  options: { to: { type: 'string', default: join(root, 'build') }, refuse: { type: 'boolean' } },
});
if (options.refuse === true) {
  process.stderr.write('the checkout is no package: npm run package makes one from it\n');
  process.exit(1);
}

const target = resolve(options.to);
const folder = join(target, 'package');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

const javaScript = (path: string): string => path.replace(/\.ts$/, '.js');

/** Files that nobody imports, and that are started all the same. */
const startedFiles = ['runtime/worker/entry.ts'];

/** Writes each source as JavaScript and declarations. The packages that it all imports. */
const compile = (): ReadonlySet<string> => {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
      },
    },
  );
  const entries = [...Object.values(manifest.exports), ...Object.values(manifest.bin)];
  const program = ts.createProgram(
    [...entries, ...startedFiles].map((path) => join(root, path)),
    { ...config?.options, noEmit: false, declaration: true, rootDir: root, outDir: folder },
  );
  const packages = new Set<string>();
  const isDeclaration = (path: string): boolean => path.endsWith('.d.ts');
  const { diagnostics } = program.emit(undefined, (path, text) => {
    // The compiler renames what JavaScript imports, but not what a declaration does.
    const renamed = isDeclaration(path)
      ? text.replace(/((?:from |import\()['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2')
      : text;
    const { importedFiles } = ts.preProcessFile(text);
    for (const { fileName } of importedFiles) {
      const name = /^(?!node:|\.)(?:@[^/]+\/)?[^/]+/.exec(fileName)?.[0];
      if (name !== undefined && !isDeclaration(path)) packages.add(name);
    }
    ts.sys.writeFile(path, renamed);
  });
  const problems = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (problems.length > 0) {
    const host = { getCanonicalFileName: (name: string) => name, getNewLine: () => '\n' };
    const text = ts.formatDiagnostics(problems, { ...host, getCurrentDirectory: () => root });
    throw new Error(text);
  }
  return packages;
};

const exportOf = (path: string) => ({
  types: path.replace(/\.ts$/, '.d.ts'),
  default: javaScript(path),
});

const mapValues = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

const writeManifest = (packages: ReadonlySet<string>): void => {
  const missing = [...packages].filter((name) => !(name in manifest.dependencies));
  if (missing.length > 0) throw new Error(`no dependencies: ${missing.join(', ')}`);
  const kept = ['name', 'version', 'description', 'license', 'type', 'engines', 'publishConfig'];
  const entries = Object.entries(manifest);
  const published = {
    ...Object.fromEntries(entries.filter(([field]) => kept.includes(field))),
    exports: mapValues(manifest.exports, exportOf),
    bin: mapValues(manifest.bin, javaScript),
    dependencies: Object.fromEntries(
      Object.entries(manifest.dependencies).filter(([name]) => packages.has(name)),
    ),
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
};

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
writeManifest(compile());
for (const path of ['interpreter/dist', 'interpreter/ABI.md', 'README.md', 'LICENSE']) {
  cpSync(join(root, path), join(folder, path), { recursive: true });
}
const said = execFileSync('npm', ['pack', '--json', '--pack-destination', target], {
  cwd: folder,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [packed] = JSON.parse(said) as readonly { filename: string }[];
process.stdout.write(`${join(target, basename(packed?.filename ?? ''))}\n`);
