// What an archive of an image holds, in OCI's form or Docker's: the files of its layers and how it
// is started.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Entry {
  /** Without a slash at either end. */
  readonly name: string;
  /** As `-rwxr-xr-x`; of a folder it begins with d. */
  readonly mode: string;
  /** As `0/0`. */
  readonly owner: string;
  readonly size: number;
}

export interface Config {
  readonly User: string;
  readonly WorkingDir: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd?: readonly string[] | null;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface Content {
  readonly entries: readonly Entry[];
  readonly config: Config;
}

interface Parts {
  readonly config: string;
  readonly layers: readonly string[];
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
const partsOfOci = (folder: string): Parts => {
  const blob = ({ digest }: { readonly digest: string }): string =>
    join(folder, 'blobs/sha256', digest.replace('sha256:', ''));
  const { manifests } = readJson(join(folder, 'index.json')) as {
    readonly manifests: readonly { readonly digest: string }[];
  };
  const [first = { digest: '' }] = manifests;
  const { config, layers } = readJson(blob(first)) as {
    readonly config: { readonly digest: string };
    readonly layers: readonly { readonly digest: string }[];
  };
  return { config: blob(config), layers: layers.map(blob) };
};

/** As `docker save` writes it. */
const partsOfDocker = (folder: string): Parts => {
  const manifests = readJson(join(folder, 'manifest.json')) as readonly {
    readonly Config: string;
    readonly Layers: readonly string[];
  }[];
  const { Config = '', Layers = [] } = manifests[0] ?? {};
  return { config: join(folder, Config), layers: Layers.map((layer) => join(folder, layer)) };
};

const entriesOf = (layer: string): readonly Entry[] =>
  execFileSync('tar', ['-tvf', layer, '--numeric-owner'], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, mode = '', owner = '', size = '', path = ''] =
        /^(\S+) (\S+)\s+(\d+) \S+ \S+ (.*)$/.exec(line) ?? [];
      const name = path.replace(/ -> .*$/, '').replace(/^\.?\/|\/$/g, '');
      return name === '' || name === '.' ? [] : [{ name, mode, owner, size: Number(size) }];
    });

export const contentOf = (archive: string): Content => {
  const folder = mkdtempSync(join(tmpdir(), 'paddock-image-'));
  try {
    execFileSync('tar', ['-xf', archive, '-C', folder]);
    const isDocker = existsSync(join(folder, 'manifest.json'));
    const { config, layers } = isDocker ? partsOfDocker(folder) : partsOfOci(folder);
    // A later layer says again what it adds to.
    const entries = new Map(layers.flatMap(entriesOf).map((entry) => [entry.name, entry]));
    return {
      entries: [...entries.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      ...(readJson(config) as Pick<Content, 'config'>),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

export const isFolder = ({ mode }: Entry): boolean => mode.startsWith('d');
