// Reads what a person names on the command line, or says in words why it cannot be read.

import { createReadStream } from 'node:fs';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'a folder',
  EACCES: 'one that may not be read',
};

/** All of a stream as UTF-8; not more of it than `max` bytes. */
export const readText = async (from: string, chunks: AsyncIterable<Buffer>, max: number) => {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > max) throw new Error(`${from}: expected at most ${max} bytes`);
    kept.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(kept));
  } catch {
    throw new Error(`${from}: expected text in UTF-8, got bytes that are not`);
  }
};

/** The same of a file, which `option` names. */
export const readFile = async (option: string, path: string, max: number): Promise<string> => {
  const from = `${option}: ${path === '' ? '""' : path}`;
  try {
    return await readText(from, createReadStream(path), max);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Error(`${from}: expected a file, got ${reasons[code] ?? code}`, { cause: error });
  }
};
