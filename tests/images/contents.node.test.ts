// What is in the images: Node, its libraries, our bundle, and nothing that a burglar could use.

import test from 'ava';
import { ensureImages } from '../../scripts/images/build.ts';
import { contentOf, isFolder } from './archive.ts';

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
  const { entries, config } = contentOf(archive);
  const files = entries.filter((entry) => !isFolder(entry)).map((entry) => entry.name);

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
