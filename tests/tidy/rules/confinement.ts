// What may be used in one place only, or nowhere: the environment, Node's WASI, code from strings.

import ts from 'typescript';
import { importsOf } from './imports.ts';
import { parse, violationAt, walk, type SourceFile, type Violation } from './source.ts';

/** Module -> why nobody imports it. */
const bannedModules: Readonly<Record<string, string>> = {
  'node:wasi': 'it says of itself that it is not for untrusted code',
  wasi: 'it says of itself that it is not for untrusted code',
  'node:vm': 'it is no sandbox',
  vm: 'it is no sandbox',
};

const product = /^(?:contract|runtime|router|operator|kubernetes|telemetry|cli)\//;

/** Benchmarks compare with node:vm, which is what the seed's benchmark names. */
const benchmarks = 'tests/bench/';

/** Takes V8's collector from a new context, and runs nothing else there. */
const collects = 'runtime/worker/collector.ts';

/** Imports of modules that nothing may build on. */
export const bannedImports = (file: SourceFile): readonly Violation[] =>
  importsOf(file).flatMap(({ specifier, offset }) => {
    const reason = bannedModules[specifier];
    const compares = specifier !== 'node:wasi' && file.path.startsWith(benchmarks);
    const allowed = compares || (specifier === 'node:vm' && file.path === collects);
    return reason === undefined || allowed
      ? []
      : [violationAt(file, offset, `${specifier} is banned: ${reason}`)];
  });

const readsEnvironment = (node: ts.Node): boolean =>
  ts.isPropertyAccessExpression(node) && /^(?:globalThis\.)?process\.env$/.test(node.getText());

/** `const { env } = process` and `import { env } from 'node:process'` by another name. */
const takesEnvironment = (node: ts.Node): boolean =>
  (ts.isBindingElement(node) || ts.isImportSpecifier(node)) &&
  (node.propertyName ?? node.name).getText() === 'env' &&
  /\bprocess\b/.test(node.parent.parent.parent.getText());

/** Reads of the environment elsewhere: the configuration of a process comes in at one door. */
export const environment = (file: SourceFile): readonly Violation[] => {
  const door = file.path.startsWith('cli/') || file.path === 'operator/main.ts';
  if (!product.test(file.path) || door) return [];
  const found: Violation[] = [];
  walk(parse(file), (node) => {
    if (readsEnvironment(node) || takesEnvironment(node)) {
      found.push(
        violationAt(file, node.getStart(), 'process.env is read in cli/ and operator/main.ts only'),
      );
    }
  });
  return found;
};

/** Code made from strings, in the process that holds the sandboxes. */
export const codeFromStrings = (file: SourceFile): readonly Violation[] => {
  if (!product.test(file.path)) return [];
  const found: Violation[] = [];
  walk(parse(file), (node) => {
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
    const callee = node.expression.getText();
    if (!/^(?:globalThis\.)?(?:eval|Function)$/.test(callee)) return;
    found.push(violationAt(file, node.getStart(), `${callee} makes code from a string`));
  });
  return found;
};
