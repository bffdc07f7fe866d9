// What a rule takes and what it gives: texts in, violations out. Rules are pure functions.

import ts from 'typescript';

/** A file by its path from the repository's root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** One thing wrong, as `path:line: what`. */
export type Violation = string;

/** A violation at a character of a file. */
export const violationAt = (file: SourceFile, offset: number, what: string): Violation =>
  `${file.path}:${file.text.slice(0, offset).split('\n').length}: ${what}`;

/** The syntax tree of a file. */
export const parse = (file: SourceFile): ts.SourceFile =>
  ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ESNext, true);

/** Calls `visit` for every node of a tree, parents first. */
export const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  visit(node);
  ts.forEachChild(node, (child) => {
    walk(child, visit);
  });
};
