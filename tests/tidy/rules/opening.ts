// Every file opens by saying what it is.

import type { SourceFile, Violation } from './source.ts';

/** What an opening comment looks like in each language; a `#!` line does not replace it. */
const openings: readonly { readonly files: RegExp; readonly opening: RegExp }[] = [
  { files: /\.(?:ts|js|mjs)$/, opening: /^(?:#!.*\n)?\/[/*]+ *(?<says>.*)/ },
  { files: /\.rs$/, opening: /^(?:\/\/!|\/\/|\/\*) ?(?<says>.*)/ },
  { files: /\.sh$|^\.ci\/run$/, opening: /^(?:#!.*\n)?# (?<says>.*)/ },
];

/** Words that an opening must have at least: `// Limits` is a title, not a sentence. */
const wordsMin = 3;

/** Files that do not open with a comment. */
export const openingComment = ({ path, text }: SourceFile): readonly Violation[] => {
  const kind = openings.find(({ files }) => files.test(path));
  if (!kind) return [];
  const says = kind.opening.exec(text)?.groups?.['says'] ?? '';
  const words = says.match(/[\p{L}\d`.-]+/gu)?.length ?? 0;
  const directive = /^(?:eslint|prettier|@ts|global)\b/.test(says);
  return words >= wordsMin && !directive ? [] : [`${path}: opens without saying what it is`];
};
