// Decisions are pure: no files, threads, clocks, chance or process in the files that decide.

import ts from 'typescript';
import { importsOf } from './imports.ts';
import { parse, violationAt, walk, type SourceFile, type Violation } from './source.ts';

const pure =
  /^contract\/|^runtime\/worker\/placement\.ts$|^runtime\/engine\/(?:classify|json)\.ts$/;

const effectfulGlobals = new Set([
  'process',
  'Date',
  'performance',
  'crypto',
  'fetch',
  'console',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
]);

/** Whether an identifier is a use of a variable of that name, and not the name of a property. */
const isReference = (node: ts.Identifier): boolean => {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return !ts.isPropertySignature(parent);
};

const effectOf = (node: ts.Node): string | undefined => {
  if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') return 'Math.random';
  if (ts.isAwaitExpression(node)) return 'await';
  if (!ts.isIdentifier(node) || !effectfulGlobals.has(node.text)) return undefined;
  return isReference(node) ? node.text : undefined;
};

/** Whether a file is one of those that must be pure. */
export const mustBePure = (path: string): boolean => pure.test(path);

/** Effects within a file that must be pure. */
export const purity = (file: SourceFile): readonly Violation[] => {
  if (!mustBePure(file.path)) return [];
  const found = importsOf(file)
    .filter(({ specifier, typeOnly }) => specifier.startsWith('node:') && !typeOnly)
    .map(({ specifier, offset }) => violationAt(file, offset, `a pure file imports ${specifier}`));
  walk(parse(file), (node) => {
    const effect = effectOf(node);
    if (effect !== undefined) {
      found.push(violationAt(file, node.getStart(), `a pure file uses ${effect}`));
    }
  });
  return found;
};
