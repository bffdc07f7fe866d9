// Packs a folder as an OCI image of one layer, without a container engine or a registry.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const mediaType = (name: string): string => `application/vnd.oci.image.${name}`;

/** Always the same bytes for the same folder. */
const reproducible = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];

const tar = (folder: string, archive: string): void => {
  execFileSync('tar', [...reproducible, '-C', folder, '-cf', archive, '.']);
};

/** Writes `archive`, to be imported as `name`, from the files below `rootFs`. */
export const packImage = (
  name: string,
  rootFs: string,
  config: Readonly<Record<string, unknown>>,
  archive: string,
): void => {
  const layout = `${archive}.layout`;
  const blobs = join(layout, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (bytes: Buffer) => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(blobs, digest), bytes);
    return { digest: `sha256:${digest}`, size: bytes.length };
  };
  const json = (value: unknown) => put(Buffer.from(JSON.stringify(value)));
  tar(rootFs, `${archive}.layer`);
  const layer = put(readFileSync(`${archive}.layer`));
  const configuration = json({
    architecture: 'amd64',
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: mediaType('manifest.v1+json'),
    config: { mediaType: mediaType('config.v1+json'), ...configuration },
    layers: [{ mediaType: mediaType('layer.v1.tar'), ...layer }],
  });
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        mediaType: mediaType('manifest.v1+json'),
        ...manifest,
        platform: { architecture: 'amd64', os: 'linux' },
        annotations: { 'io.containerd.image.name': name },
      },
    ],
  };
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, 'index.json'), JSON.stringify(index));
  tar(layout, archive);
  rmSync(layout, { recursive: true });
  rmSync(`${archive}.layer`);
};
