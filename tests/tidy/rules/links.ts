// Links of Markdown files that point into the repository lead somewhere, down to the heading; so do
// the names of tests.

import { posix } from 'node:path';
import { violationAt, type SourceFile, type Violation } from './source.ts';

/** Fenced and inline code shows links, it does not make them: blanked, so that offsets stay. */
const withoutCode = (text: string): string =>
  text.replace(/^```[\s\S]*?^```|`[^`\n]*`/gm, (code) => code.replace(/[^\n]/g, ' '));

const inline = /\]\((?<target>[^)\s]+)(?: "[^"]*")?\)/g;
const definition = /^\[[^\]]+\]: *(?<target>\S+)/gm;

/** The anchor that a renderer gives to a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading ?? ''));

const faultOf = (
  from: SourceFile,
  target: string,
  exists: (path: string) => boolean,
  textOf: (path: string) => string | undefined,
): string | undefined => {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const absolute = path.startsWith('/')
    ? path.slice(1)
    : posix.join(posix.dirname(from.path), path);
  const file = path === '' ? from.path : decodeURIComponent(absolute).replace(/\/$/, '');
  if (!exists(file)) return `${target} does not exist`;
  const text = textOf(file);
  if (anchor === undefined || text === undefined || !file.endsWith('.md')) return undefined;
  return anchorsOf(text).includes(anchor) ? undefined : `${file} has no heading #${anchor}`;
};

/** Dead links. `files` are all files of the repository that a link may lead to. */
export const deadLinks = (
  file: SourceFile,
  files: readonly SourceFile[],
  paths: readonly string[],
): readonly Violation[] => {
  const exists = (path: string): boolean =>
    path === '.' || paths.some((each) => each === path || each.startsWith(`${path}/`));
  const textOf = (path: string): string | undefined =>
    files.find((each) => each.path === path)?.text;
  const text = withoutCode(file.text);
  return [...text.matchAll(inline), ...text.matchAll(definition)].flatMap((match) => {
    const fault = faultOf(file, match.groups?.['target'] ?? '', exists, textOf);
    return fault === undefined ? [] : [violationAt(file, match.index, fault)];
  });
};

/** Files and folders of tests that a page names, and that are not there. */
export const deadTests = (file: SourceFile, paths: readonly string[]): readonly Violation[] =>
  [...file.text.matchAll(/`(?<path>tests\/[\w./-]*(?:\.ts|\/))`/g)].flatMap((match) => {
    const path = match.groups?.['path'] ?? '';
    const exists = paths.some(
      (each) => each === path || (path.endsWith('/') && each.startsWith(path)),
    );
    return exists ? [] : [violationAt(file, match.index, `${path} does not exist`)];
  });
