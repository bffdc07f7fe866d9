// images/Dockerfile is one for all: what docker and podman build from it is what we ship, file by
// file, and is started as the same user in the same way.

import test from 'ava';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureImages } from '../../scripts/images/build.ts';
import { targets } from '../../scripts/images/bundle.ts';
import { writeContext } from '../../scripts/images/context.ts';
import { contentOf, isFolder, type Content } from './archive.ts';
import { startDocker, startPodman, type Engine } from './engines.ts';

const dockerfile = new URL('../../images/Dockerfile', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'paddock-engines-'));
const context = join(folder, 'context');

const version = 'of-this-test';
const shipped = new Map<string, Told>();

/** All of an image but when it was made, and by whom. */
const toldOf = ({ entries, config }: Content) => {
  const labels = Object.entries(config.Labels).filter(([name]) => name.startsWith('org.'));
  return {
    files: entries.filter((entry) => !isFolder(entry)),
    folders: entries.filter(isFolder),
    user: config.User,
    directory: config.WorkingDir,
    environment: config.Env,
    entrypoint: config.Entrypoint,
    command: config.Cmd,
    labels: Object.fromEntries(labels),
  };
};

type Told = ReturnType<typeof toldOf>;

test.before(async () => {
  await writeContext(context);
  for (const [target, { archive }] of Object.entries(await ensureImages())) {
    const told = toldOf(contentOf(archive));
    const prefix = 'org.opencontainers.image';
    const own = { [`${prefix}.version`]: version, [`${prefix}.revision`]: version };
    shipped.set(target, { ...told, labels: { ...told.labels, ...own } });
  }
});

test.after.always(() => rm(folder, { recursive: true }));

const engines: Readonly<Record<string, () => Promise<Engine> | Engine>> = {
  docker: startDocker,
  podman: startPodman,
};

for (const [name, start] of Object.entries(engines)) {
  test.serial(`${name} builds from the same file what we ship`, async (t) => {
    const engine = await start();
    try {
      for (const target of Object.keys(targets)) {
        const tag = `localhost/paddock/${target}:${version}`;
        const archive = join(folder, `${name}-${target}.tar`);
        await engine.call(
          ...['build', '--file', dockerfile, '--target', target, '--tag', tag],
          ...['--build-arg', `VERSION=${version}`, '--build-arg', `REVISION=${version}`, context],
        );
        await engine.call('save', '--output', archive, tag);
        t.deepEqual(toldOf(contentOf(archive)), shipped.get(target), target);
      }
    } finally {
      await engine.stop();
    }
  });
}
