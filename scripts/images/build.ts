// npm run images: builds the three images without a container engine's daemon, into OCI archives in
// the user's cache folder, once for each digest of what goes in. Needs root, or podman's idmap, for
// buildah, which is installed on Debian when it is missing.
//   --context FOLDER   only writes what any engine builds them from

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle, type Target } from './bundle.ts';
import {
  cache,
  completeContext,
  ensurePrograms,
  nodeProgram,
  say,
  writeContext,
} from './context.ts';

const root = new URL('../../', import.meta.url).pathname;

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
  // Of this process alone: another may build the same.
  const own = `${name}-${process.pid}`;
  const part = `${archive}.${process.pid}`;
  buildah([
    ...['bud', '--isolation', 'chroot', '--layers=false', '--target', target, '--tag', own],
    ...['--build-arg', `VERSION=${version}`, '--build-arg', `REVISION=${version}`],
    ...['--timestamp', '0', '--file', join(root, 'images/Dockerfile'), context],
  ]);
  buildah(['push', own, `oci-archive:${part}:${name}`]);
  buildah(['rmi', own]);
  renameSync(part, archive);
};

/** Bundles a target into a folder that is there while `use` has it and the image's tag. */
const withBundle = async <A>(
  target: Target,
  use: (context: string, tag: string) => A,
): Promise<A> => {
  const context = mkdtempSync(join(tmpdir(), `paddock-${target}-`));
  try {
    await bundle(target, join(context, target));
    const recipe = ['images/Dockerfile', 'scripts/images/build.ts', 'scripts/images/context.ts'];
    const files = [...filesBelow(context), ...recipe.map((file) => join(root, file))];
    return use(context, digestOf([...files, nodeProgram()]));
  } finally {
    rmSync(context, { recursive: true });
  }
};

const ensureImage = (target: Target): Promise<BuiltImage> =>
  withBundle(target, (context, tag) => {
    const name = `${registry}/paddock/${target}:${tag}`;
    const archive = join(cache, `${target}-${tag}.tar`);
    if (existsSync(archive)) return { name, archive };
    completeContext(context);
    ensurePrograms('buildah');
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
  const { context } = parseArgs({ options: { context: { type: 'string' } } }).values;
  if (context !== undefined) await writeContext(context);
  else {
    for (const { name, archive } of Object.values(await ensureImages())) {
      process.stdout.write(`${name}\t${archive}\n`);
    }
  }
}
