// Numbers that limit what an outsider can do live in contract/limits.ts alone. What a machine can
// check of that: no number elsewhere is large, or bears a name that says it is a bound.

import ts from 'typescript';
import { parse, violationAt, walk, type SourceFile, type Violation } from './source.ts';

const product = /^(?:contract|http|runtime|router|operator|kubernetes|telemetry)\//;
const home = 'contract/limits.ts';

/** `<path> <text of the number>` -> why it is no limit on outsiders. */
export const numbersExcused: Readonly<Record<string, string>> = {
  'runtime/engine/abi.ts 65_536': "wasm's page size, fixed by its specification",
  'runtime/engine/base.ts 256': 'granularity of a copy; any other gives the same image',
  'runtime/engine/written.ts 256': 'set by the meter, said in interpreter/ABI.md',
  'runtime/engine/written.ts 4096': 'set by the meter, said in interpreter/ABI.md',
  'runtime/engine/image.ts 65_536': 'granularity of a copy; any other gives the same image',
  'runtime/engine/delta-format.ts 12': 'layout of our own bytes',
  'runtime/engine/delta-format.ts 8': 'layout of our own bytes',
  'runtime/engine/delta-format.ts 4': 'layout of our own bytes',
  'runtime/worker/linger.ts 2': 'how soon looking in vain is given up; any other is as safe',
  'runtime/worker/linger.ts 16': 'how often it is tried again; any other is as safe',
  'runtime/engine/slot.ts 128': "LLVM's red zone on wasm",
  'runtime/engine/slot.ts 10_000_000_000n': 'fuel for our own boot, before any script is there',
  'operator/desired/deployments.ts 1000': 'milliseconds in a second',
  'operator/desired/deployments.ts 3': 'ReplicaSets kept to go back to',
  'operator/measure.ts 1000': 'milliseconds in a second',
  'contract/operator.ts 65_536': 'how many TCP ports there are',
  'contract/pool/names.ts 8080': 'a port of a pod',
  'contract/pool/names.ts 8081': 'a port of a pod',
  'contract/pool/names.ts 8443': 'a port of a pod',
  'contract/pool/quantity.ts 1e3': 'what a suffix means',
  'contract/pool/quantity.ts 1e6': 'what a suffix means',
  'contract/pool/quantity.ts 1e9': 'what a suffix means',
  'contract/pool/quantity.ts 1e12': 'what a suffix means',
  'contract/pool/quantity.ts 60e3': 'milliseconds in a minute',
  'contract/pool/quantity.ts 3600e3': 'milliseconds in an hour',
  'operator/certificates/genuine.ts 1000': 'milliseconds in a second, all that a certificate tells',
  'operator/desired/pod.ts 65_532': 'a user without rights, as the images have it',
  'runtime/engine/imports.ts 1_000_000n': 'nanoseconds in a millisecond',
};

/** From here on a number is thought to be a limit until somebody says what it is. */
const suspicious = 1_000;

const bound = /(?:Max|Min|Ceiling|Limit|Timeout|Ms|Bytes|Chars)$/;

const valueOf = (node: ts.Node): number | undefined => {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  return ts.isBigIntLiteral(node) ? Number(node.text.slice(0, -1)) : undefined;
};

/** Whether the number is in hexadecimal: a code point, a mask or a magic number of a format. */
const isPattern = (node: ts.Node): boolean => /^0[xb]/i.test(node.getText());

/** HTTP status codes are the protocol's. */
const isStatusCode = (path: string): boolean => path === 'contract/failure.ts';

/** Milliseconds in a second: a change of unit bounds nobody. */
const isUnit = (number: ts.Node): boolean => {
  const { parent } = number;
  if (!ts.isBinaryExpression(parent) || number.getText() !== '1000') return false;
  const { kind } = parent.operatorToken;
  return kind === ts.SyntaxKind.AsteriskToken || kind === ts.SyntaxKind.SlashToken;
};

const isExcused = (path: string, number: ts.Node): boolean =>
  Object.hasOwn(numbersExcused, `${path} ${number.getText()}`);

/** The number that a node gives to a name which says that it is a bound. */
const boundOf = (node: ts.Node): ts.Node | undefined => {
  const named = ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node);
  if (!named || !node.initializer) return undefined;
  // Zero is where a count starts.
  if ((valueOf(node.initializer) ?? 0) === 0) return undefined;
  return bound.test(node.name.getText()) ? node.initializer : undefined;
};

const isLarge = (node: ts.Node): boolean => {
  const value = valueOf(node);
  return value !== undefined && value >= suspicious && !isPattern(node);
};

/** Numbers that look like limits, outside the file that holds limits. */
export const strayLimits = (file: SourceFile): readonly Violation[] => {
  if (!product.test(file.path) || file.path === home || isStatusCode(file.path)) return [];
  const suspects = new Set<ts.Node>();
  walk(parse(file), (node) => {
    const number = boundOf(node) ?? (isLarge(node) ? node : undefined);
    if (number && !isUnit(number) && !isExcused(file.path, number)) suspects.add(number);
  });
  return [...suspects].map((number) =>
    violationAt(file, number.getStart(), `${number.getText()} is a limit: it belongs in ${home}`),
  );
};
