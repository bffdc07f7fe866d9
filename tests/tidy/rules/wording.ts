// Words: what may not be left behind, what says nothing as a name, and one word for one thing.

import { violationAt, type SourceFile, type Violation } from './source.ts';

const matches = (
  file: SourceFile,
  pattern: RegExp,
  say: (match: string) => string,
): readonly Violation[] =>
  [...file.text.matchAll(pattern)].map((match) =>
    violationAt(file, match.index, say(match[0].trim())),
  );

// Written apart, so that this file does not break its own rule.
const unfinished = new RegExp(
  `\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`,
  'g',
);

/** Marks of work that was not finished. */
export const unfinishedWork = (file: SourceFile): readonly Violation[] =>
  matches(file, unfinished, (mark) => `${mark}: finish it, or file an issue`);

const machinePath = new RegExp(
  `(?<![\\w.}/-])/(?:${['wo' + 'rk', 'ro' + 'ot'].join('|')})/[\\w.]`,
  'g',
);

/** Paths that exist on one machine only. */
export const machinePaths = (file: SourceFile): readonly Violation[] =>
  matches(file, machinePath, (path) => `${path}… is a path of one machine`);

/** Word -> what to write instead, in code and in prose. */
export const wordsInstead: Readonly<Record<string, string>> = {
  isolate: 'sandbox',
  tenant: 'caller',
  gas: 'fuel',
  blacklist: 'deny list',
  whitelist: 'allow list',
  utilize: 'use',
  leverage: 'use',
  seamless: 'what it does, without praise',
  robust: 'what it withstands',
  blazing: 'a figure',
  obviously: 'nothing',
};

/**
 * Banned words in code. Prose about peers names their words (isolated-vm, V8 isolates), so
 * Markdown is not looked at.
 */
export const bannedWords = (file: SourceFile): readonly Violation[] =>
  matches(
    file,
    new RegExp(`(?<![\\w-])(?:${Object.keys(wordsInstead).join('|')})s?(?![\\w-])`, 'gi'),
    (word) => `${word}: write ${wordsInstead[word.toLowerCase().replace(/s$/, '')] ?? 'another'}`,
  );

const emptyNames = /^(?:utils?|helpers?|common|types?|misc)(?:\.[a-z]+)?$/;

/** Files and folders whose name says nothing. `tests/helpers` is where ava looks for no tests. */
export const emptyPathNames = (paths: readonly string[]): readonly Violation[] =>
  paths.filter((path) =>
    path
      .replace(/^tests\/helpers\//, '')
      .split('/')
      .some((part) => emptyNames.test(part)),
  );
