// npm run images: builds the three images without a container engine's daemon, into OCI archives in
// the user's cache folder, once for each digest of what goes in. Needs root, or podman's idmap, for
// buildah; installs buildah and mmdebstrap on Debian when they are missing.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, targets, type Target } from './bundle.ts';

const root = new URL('../../', import.meta.url).pathname;

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'paddock/images');

/** Debian's packages that Node's program links with. It brings its own certificates and zones. */
const libraries = ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'];

/** What an image keeps of them: what programs are loaded with, and under which terms. */
const kept = ['./lib', './lib64', './usr/lib', './tmp', './usr/share/doc/*/copyright'];
const dropped = ['--exclude=*/gconv', '--exclude=*/audit', '--exclude=*/perl-base'];

const say = (text: string): void => {
  process.stderr.write(`# ${text}\n`);
};

const has = (program: string): boolean => spawnSync('which', [program]).status === 0;

const ensureTools = (): void => {
  const missing = ['buildah', 'mmdebstrap'].filter((program) => !has(program));
  if (missing.length === 0) return;
  say(`installing ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'inherit' });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
    env,
    stdio: 'inherit',
  });
};

const nodeProgram = (): string => {
  const program = execFileSync('node', ['-p', 'process.execPath'], { encoding: 'utf8' }).trim();
  return program;
};

/** Made once: it depends on Debian's archive alone. */
const rootFileSystem = (): string => {
  const archive = join(cache, 'rootfs.tar');
  const part = join(cache, 'rootfs.part.tar');
  if (existsSync(archive)) return archive;
  say('extracting the libraries');
  mkdirSync(cache, { recursive: true });
  const whole = join(cache, 'debian.tar');
  const options = ['--variant=extract', '--quiet', '--skip=output/dev'];
  execFileSync('mmdebstrap', [...options, `--include=${libraries.join(',')}`, 'bookworm', whole], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const folder = mkdtempSync(join(tmpdir(), 'paddock-rootfs-'));
  execFileSync('tar', ['-C', folder, '-xf', whole, '--wildcards', ...dropped, ...kept]);
  const reproducible = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  execFileSync('tar', [...reproducible, '-C', folder, '-cf', part, '.']);
  rmSync(folder, { recursive: true });
  rmSync(whole);
  renameSync(part, archive);
  return archive;
};

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();

const digestOf = (files: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
};

/** A name without a registry would be one of Docker's. */
export const registry = 'localhost';

export interface BuiltImage {
  /** As `localhost/paddock/runtime:1f2e3d4c5b6a7988`. */
  readonly name: string;
  /** An OCI archive. */
  readonly archive: string;
}

const buildah = (args: readonly string[]): void => {
  execFileSync('buildah', ['--storage-driver', 'overlay', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
};

const buildImage = (target: Target, context: string, name: string, archive: string): void => {
  const version = name.split(':')[1] ?? '';
  say(`building ${name}`);
  buildah([
    ...['bud', '--isolation', 'chroot', '--layers=false', '--target', target, '--tag', name],
    ...['--build-arg', `VERSION=${version}`, '--build-arg', `REVISION=${version}`],
    ...['--timestamp', '0', '--file', join(root, 'images/Dockerfile'), context],
  ]);
  buildah(['push', name, `oci-archive:${archive}.part:${name}`]);
  buildah(['rmi', name]);
  renameSync(`${archive}.part`, archive);
};

/** Bundles a target into a folder that is there while `use` has it and the image's tag. */
const withBundle = async <A>(
  target: Target,
  use: (context: string, tag: string) => A,
): Promise<A> => {
  const context = mkdtempSync(join(tmpdir(), `paddock-${target}-`));
  try {
    await bundle(target, join(context, target));
    const recipe = [join(root, 'images/Dockerfile'), join(root, 'scripts/images/build.ts')];
    return use(context, digestOf([...filesBelow(context), ...recipe, nodeProgram()]));
  } finally {
    rmSync(context, { recursive: true });
  }
};

const ensureImage = (target: Target): Promise<BuiltImage> =>
  withBundle(target, (context, tag) => {
    const name = `${registry}/paddock/${target}:${tag}`;
    const archive = join(cache, `${target}-${tag}.tar`);
    if (existsSync(archive)) return { name, archive };
    ensureTools();
    copyFileSync(rootFileSystem(), join(context, 'rootfs.tar'));
    copyFileSync(nodeProgram(), join(context, 'node'));
    // The Dockerfile names all three; only the target's own folder need be filled.
    for (const other of Object.keys(targets)) mkdirSync(join(context, other), { recursive: true });
    buildImage(target, context, name, archive);
    return { name, archive };
  });

export type ImageTags = Readonly<Record<Target, string>>;

const tagOf = (target: Target): Promise<string> => withBundle(target, (_, tag) => tag);

/** The tags that the images of this tree have, without building them. */
export const nameImages = async (): Promise<ImageTags> => ({
  runtime: await tagOf('runtime'),
  router: await tagOf('router'),
  operator: await tagOf('operator'),
});

/** The three images, built when they are not there yet. */
export const ensureImages = async (): Promise<Readonly<Record<Target, BuiltImage>>> => ({
  runtime: await ensureImage('runtime'),
  router: await ensureImage('router'),
  operator: await ensureImage('operator'),
});

if (import.meta.main) {
  const images = await ensureImages();
  for (const { name, archive } of Object.values(images)) {
    process.stdout.write(`${name}\t${archive}\n`);
  }
}
