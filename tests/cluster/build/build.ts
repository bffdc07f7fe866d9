// Builds the parts of a node from their Go modules, once for each digest of what goes in, into the
// user's cache folder. Needs Go; about five minutes for the control plane and ten for all, cold.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { goModOf } from './go-mod.ts';
import { controlPlaneParts, nodeParts, type Part } from './parts.ts';

const here = new URL('./', import.meta.url).pathname;

/** Where everything about test clusters is kept between runs. */
export const cacheFolder = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'paddock/cluster',
);

const goEnvironment = {
  ...process.env,
  CGO_ENABLED: '0',
  GOTOOLCHAIN: 'local',
  GOFLAGS: '-p=2 -buildvcs=false -mod=mod -trimpath',
};

const sourceOf = (part: Part): string =>
  part.main === undefined ? '' : readFileSync(join(here, 'go', part.main, 'main.go'), 'utf8');

const digestOf = (part: Part): string =>
  createHash('sha256')
    .update(JSON.stringify([part, sourceOf(part), goModOf(part, ''), goEnvironment.GOFLAGS]))
    .digest('hex')
    .slice(0, 16);

const folderOf = (part: Part): string =>
  join(cacheFolder, 'parts', `${part.name}-${digestOf(part)}`);

const download = (part: Part): { readonly GoMod: string; readonly Dir: string } =>
  JSON.parse(
    execFileSync('go', ['mod', 'download', '-json', `${part.module}@${part.version}`], {
      cwd: '/',
      env: goEnvironment,
      encoding: 'utf8',
    }),
  ) as { GoMod: string; Dir: string };

/** The module cache is read-only; a patched copy must not be. */
const patchedSource = (part: Part, from: string, work: string): void => {
  if (!part.patch) return;
  const source = join(work, 'source');
  execFileSync('cp', ['-r', '--no-preserve=mode', from, source]);
  const file = join(source, part.patch.file);
  const text = readFileSync(file, 'utf8');
  if (text.split(part.patch.from).length !== 2) {
    throw new Error(`${part.patch.file}: expected ${part.patch.from} once`);
  }
  writeFileSync(file, text.replace(part.patch.from, part.patch.to));
};

const linkerFlags = (part: Part): string =>
  [
    '-s',
    '-w',
    ...Object.entries(part.values ?? {}).map(([name, value]) => `-X ${name}=${value}`),
  ].join(' ');

const compile = (part: Part, work: string): void => {
  for (const { output, package: target } of part.builds) {
    const tags = part.tags === undefined ? [] : ['-tags', part.tags];
    const args = [
      'build',
      ...tags,
      '-ldflags',
      linkerFlags(part),
      '-o',
      join('bin', output),
      target,
    ];
    const { status } = spawnSync('go', args, { cwd: work, env: goEnvironment, stdio: 'inherit' });
    if (status !== 0) throw new Error(`go build of ${output} failed`);
  }
};

const build = (part: Part): void => {
  const work = `${folderOf(part)}.${process.pid}`;
  mkdirSync(join(work, 'bin'), { recursive: true });
  const { GoMod, Dir } = download(part);
  writeFileSync(join(work, 'go.mod'), goModOf(part, readFileSync(GoMod, 'utf8')));
  patchedSource(part, Dir, work);
  if (part.main !== undefined) {
    cpSync(join(here, 'go', part.main), join(work, part.main), { recursive: true });
  }
  compile(part, work);
  for (const link of part.links ?? []) {
    symlinkSync(part.builds[0]?.output ?? '', join(work, 'bin', link));
  }
  rmSync(join(work, 'source'), { recursive: true, force: true });
  // In one step: a run that is cut off leaves nothing that looks whole.
  if (existsSync(folderOf(part))) rmSync(work, { recursive: true });
  else renameSync(work, folderOf(part));
};

/** Folders for PATH, holding the programs of these parts; builds what is missing. */
export const ensureParts = (
  parts: readonly Part[],
  say: (text: string) => void,
): readonly string[] =>
  parts.map((part) => {
    const folder = folderOf(part);
    if (!existsSync(folder)) {
      const since = performance.now();
      say(`building ${part.name} ${part.version}`);
      build(part);
      say(`built ${part.name} in ${Math.round((performance.now() - since) / 1000)} s`);
    }
    return join(folder, 'bin');
  });

if (import.meta.main) {
  ensureParts([...controlPlaneParts, ...nodeParts], (text) => {
    process.stdout.write(`${text}\n`);
  });
}
