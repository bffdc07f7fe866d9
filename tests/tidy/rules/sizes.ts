// Sizes of files, lines and functions. What does not fit is two things.

import ts from 'typescript';
import { parse, violationAt, walk, type SourceFile, type Violation } from './source.ts';

export const sizes = { fileLinesMax: 300, functionLinesMax: 70, columnsMax: 100 } as const;

/** Lines that say something to the machine: comments are free. */
const linesOf = (text: string): number =>
  text.split('\n').filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line)).length;

/** A list, not code: every limit is to stand in one file. */
const limits = 'contract/limits.ts';

/** Files that are too long. */
export const fileSize = ({ path, text }: SourceFile): readonly Violation[] => {
  if (path === limits) return [];
  const lines = text.replace(/\n$/, '').split('\n').length;
  const { fileLinesMax } = sizes;
  return lines <= fileLinesMax ? [] : [`${path}: ${lines} lines, at most ${fileLinesMax}`];
};

/** Lines that are too wide, counted in characters. */
export const lineWidth = (file: SourceFile): readonly Violation[] =>
  file.text.split('\n').flatMap((line, index) => {
    const columns = Array.from(line).length;
    const { columnsMax } = sizes;
    // A long address cannot be broken.
    if (columns <= columnsMax || /https?:\/\/\S{60}/.test(line)) return [];
    return [`${file.path}:${index + 1}: ${columns} columns, at most ${columnsMax}`];
  });

/** Functions of TypeScript or JavaScript that are too long. */
export const functionSize = (file: SourceFile): readonly Violation[] => {
  const found: Violation[] = [];
  walk(parse(file), (node) => {
    if (!ts.isFunctionLike(node)) return;
    const lines = linesOf(node.getText());
    const { functionLinesMax } = sizes;
    if (lines <= functionLinesMax) return;
    const what = `a function of ${lines} lines, at most ${functionLinesMax}`;
    found.push(violationAt(file, node.getStart(), what));
  });
  return found;
};
