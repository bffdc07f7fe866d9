// What a file imports: static, dynamic, re-exported, in a type, or started as a worker by its URL.

import { posix } from 'node:path';
import ts from 'typescript';
import { parse, walk, type SourceFile } from './source.ts';

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** The imported file's path from the root; undefined for a package. */
  readonly target: string | undefined;
  readonly typeOnly: boolean;
  readonly offset: number;
}

const textOf = (node: ts.Node | undefined): string | undefined =>
  node && ts.isStringLiteralLike(node) ? node.text : undefined;

const isImportMetaUrl = (node: ts.Node | undefined): boolean =>
  node?.getText() === 'import.meta.url';

const ofDeclaration = (node: ts.Node): [string | undefined, boolean] | undefined => {
  if (ts.isImportDeclaration(node)) {
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return [textOf(node.moduleSpecifier), typeOnly];
  }
  if (ts.isExportDeclaration(node)) return [textOf(node.moduleSpecifier), node.isTypeOnly];
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return [textOf(node.argument.literal), true];
  }
  return undefined;
};

const ofExpression = (node: ts.Node): string | undefined => {
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return textOf(node.arguments[0]);
  }
  const isUrl = ts.isNewExpression(node) && node.expression.getText() === 'URL';
  if (!isUrl || !isImportMetaUrl(node.arguments?.[1])) return undefined;
  const path = textOf(node.arguments?.[0]);
  return path !== undefined && /\.[jt]s$/.test(path) ? path : undefined;
};

const resolve = (from: string, specifier: string): string | undefined =>
  specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined;

/** Every import of a TypeScript or JavaScript file, in order. */
export const importsOf = (file: SourceFile): readonly Import[] => {
  const found: Import[] = [];
  walk(parse(file), (node) => {
    const [specifier, typeOnly] = ofDeclaration(node) ?? [ofExpression(node), false];
    if (specifier === undefined) return;
    const target = resolve(file.path, specifier);
    found.push({ specifier, target, typeOnly, offset: node.getStart() });
  });
  return found;
};
