// A folder of certificates as Kubernetes mounts a Secret: tls.crt, tls.key, ca.crt. What is in it
// changes under us when it is rotated, and is taken up without a restart.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpLimits } from '../contract/limits.ts';

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** One or several authorities: two while a rotation is under way. */
  readonly ca: string;
}

export interface TlsFolder {
  readonly current: () => TlsFiles;
  readonly stop: () => void;
}

const read = async (folder: string): Promise<TlsFiles> => {
  const [cert, key, ca] = await Promise.all(
    ['tls.crt', 'tls.key', 'ca.crt'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  return { cert: cert ?? '', key: key ?? '', ca: ca ?? '' };
};

const same = (a: TlsFiles, b: TlsFiles): boolean =>
  a.cert === b.cert && a.key === b.key && a.ca === b.ca;

/**
 * Reads the folder now and again from time to time. A file that is missing or half written keeps
 * what was read before. Rejects when there is nothing to begin with.
 */
export const watchTlsFolder = async (
  folder: string,
  onChange: (files: TlsFiles) => void,
  onFault: (error: unknown) => void,
): Promise<TlsFolder> => {
  let current = await read(folder);
  const look = async (): Promise<void> => {
    try {
      const next = await read(folder);
      if (same(current, next)) return;
      onChange(next);
      current = next;
    } catch (error) {
      onFault(error);
    }
  };
  const timer = setInterval(() => void look(), httpLimits.tlsLookMs);
  timer.unref();
  return {
    current: () => current,
    stop: () => {
      clearInterval(timer);
    },
  };
};
