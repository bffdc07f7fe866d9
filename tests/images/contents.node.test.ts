// What is in the images: Node, its libraries, our bundle, and nothing that a burglar could use.

import test from 'ava';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureImages } from '../../scripts/images/build.ts';

interface Content {
  readonly files: readonly string[];
  readonly config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  };
}

/** The files of all layers of an OCI archive, and its configuration. */
const contentOf = (archive: string): Content => {
  const folder = mkdtempSync(join(tmpdir(), 'paddock-image-'));
  try {
    execFileSync('tar', ['-xf', archive, '-C', folder]);
    const read = (digest: string): unknown =>
      JSON.parse(readFileSync(join(folder, 'blobs/sha256', digest.replace('sha256:', '')), 'utf8'));
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
      readonly manifests: readonly { readonly digest: string }[];
    };
    const manifest = read(index.manifests[0]?.digest ?? '') as {
      readonly config: { readonly digest: string };
      readonly layers: readonly { readonly digest: string }[];
    };
    const { config } = read(manifest.config.digest) as Pick<Content, 'config'>;
    const files = manifest.layers.flatMap(({ digest }) => {
      const layer = join(folder, 'blobs/sha256', digest.replace('sha256:', ''));
      return execFileSync('tar', ['-tzf', layer], { encoding: 'utf8' }).split('\n');
    });
    const plain = files.map((file) => file.replace(/^\.?\//, ''));
    return { files: plain.filter((file) => file !== '' && !file.endsWith('/')), config };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const bundles: Readonly<Record<string, readonly string[]>> = {
  runtime: [
    'app/interpreter/dist/boa.wasm',
    'app/interpreter/dist/manifest.json',
    'app/package.json',
    'app/paddock.js',
    'app/runtime/worker/entry.js',
  ],
  router: ['app/package.json', 'app/paddock.js'],
  operator: ['app/operator.js', 'app/package.json'],
};

const images = await ensureImages();

for (const [name, { archive }] of Object.entries(images)) {
  const { files, config } = contentOf(archive);

  test(`${name}: Node, its libraries and our bundle`, (t) => {
    const libraries = /^(?:usr\/)?lib(?:64)?\/|^usr\/share\/doc\/[^/]+\/copyright$/;
    const others = files.filter((file) => !libraries.test(file));
    t.deepEqual(others.toSorted(), [...(bundles[name] ?? []), 'usr/bin/node'].toSorted());
    const tools = /(?:^|\/)(?:sh|bash|dash|busybox|npm|npx|perl|apt|dpkg|curl|ld)$/;
    t.deepEqual(
      files.filter((file) => tools.test(file)),
      [],
    );
  });

  test(`${name}: a numeric user without rights, labels, no functions from strings`, (t) => {
    t.is(config.User, '65532:65532');
    t.true(config.Entrypoint.includes('--disallow-code-generation-from-strings'));
    t.is(config.Labels['org.opencontainers.image.licenses'], 'Apache-2.0');
    t.regex(config.Labels['org.opencontainers.image.version'] ?? '', /./);
  });
}

test('the runtime may read its own files and its certificates only', (t) => {
  const { Entrypoint } = contentOf(images.runtime.archive).config;
  t.true(Entrypoint.includes('--permission'));
  const reads = Entrypoint.filter((flag) => flag.startsWith('--allow-fs-read'));
  t.deepEqual(reads, ['--allow-fs-read=/app', '--allow-fs-read=/etc/paddock']);
});
