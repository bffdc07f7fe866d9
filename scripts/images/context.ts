// The folder that images/Dockerfile is built from: our bundles, Node's program and the libraries
// that it needs. Needs Debian: mmdebstrap is installed when it is missing.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { installPackages } from '../debian.ts';
import { bundle, targets, type Target } from './bundle.ts';

/** Where images, and what they are made of, are kept between runs. */
export const cache = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'paddock/images',
);

/** Debian's packages that Node's program links with. It brings its own certificates and zones. */
const libraries = ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'];

/** What an image keeps of them: what programs are loaded with, and under which terms. */
const kept = ['./lib', './lib64', './usr/lib', './tmp', './usr/share/doc/*/copyright'];
const dropped = ['--exclude=*/gconv', '--exclude=*/audit', '--exclude=*/perl-base'];

export const say = (text: string): void => {
  process.stderr.write(`# ${text}\n`);
};

const has = (program: string): boolean => spawnSync('which', [program]).status === 0;

/** Installs Debian's packages of these names when their programs are missing. */
export const ensurePrograms = (...names: readonly string[]): void => {
  installPackages(
    names.filter((program) => !has(program)),
    say,
  );
};

export const nodeProgram = (): string =>
  execFileSync('node', ['-p', 'process.execPath'], { encoding: 'utf8' }).trim();

/** Made once: it depends on Debian's archive alone. */
const rootFileSystem = (): string => {
  const archive = join(cache, 'rootfs.tar');
  if (existsSync(archive)) return archive;
  ensurePrograms('mmdebstrap');
  say('extracting the libraries');
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'rootfs-'));
  const whole = join(work, 'debian.tar');
  const folder = join(work, 'root');
  const part = join(work, 'rootfs.tar');
  mkdirSync(folder);
  const options = ['--variant=extract', '--quiet', '--skip=output/dev'];
  execFileSync('mmdebstrap', [...options, `--include=${libraries.join(',')}`, 'bookworm', whole], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  execFileSync('tar', ['-C', folder, '-xf', whole, '--wildcards', ...dropped, ...kept]);
  const reproducible = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  execFileSync('tar', [...reproducible, '-C', folder, '-cf', part, '.']);
  renameSync(part, archive);
  rmSync(work, { recursive: true });
  return archive;
};

/** Adds what all targets share to a folder of bundles. */
export const completeContext = (folder: string): void => {
  copyFileSync(rootFileSystem(), join(folder, 'rootfs.tar'));
  copyFileSync(nodeProgram(), join(folder, 'node'));
  // The Dockerfile names all three; only a target that is built need be filled.
  for (const target of Object.keys(targets)) mkdirSync(join(folder, target), { recursive: true });
};

/** Writes a folder that any engine builds all three images from. */
export const writeContext = async (folder: string): Promise<void> => {
  for (const target of Object.keys(targets) as Target[]) {
    await bundle(target, join(folder, target));
  }
  completeContext(folder);
};
