// A test as the text of one Script. Marks on stdout tell how far it came: a Script with an early
// error anywhere prints nothing at all, so a test that printed the first mark was past its parse
// phase.

import type { Suite, Test } from './suite.ts';

export type Variant = 'sloppy' | 'strict' | 'raw';

/** What the composed Script prints, each on a line of its own. */
export const marks = {
  started: 'Test262:Started',
  ended: 'Test262:Ended',
  complete: 'Test262:AsyncTestComplete',
  failure: 'Test262:AsyncTestFailure',
} as const;

/** The ways in which a test is run. */
export const variantsOf = ({ metadata: { flags } }: Test): readonly Variant[] => {
  if (flags.has('raw')) return ['raw'];
  if (flags.has('onlyStrict')) return ['strict'];
  return flags.has('noStrict') ? ['sloppy'] : ['sloppy', 'strict'];
};

/**
 * Lexical, so that the global object stays as the test expects it; taken before a test can meddle.
 */
const opening = `const $marks = (() => {
  const { log } = console;
  const { promise, resolve } = Promise.withResolvers();
  return { log, promise, resolve };
})();
function print(text) { $marks.log(text); $marks.resolve(); }
$marks.log('${marks.started}');`;

/** Nothing follows a test that must not parse: the addition could be what it lacked. */
const closing = ({ metadata }: Test): string => {
  if (metadata.negative?.phase === 'parse') return '';
  // The completion value is awaited: jobs and timers run until $DONE has printed.
  return metadata.flags.has('async')
    ? `\n;$marks.promise;`
    : `\n;$marks.log('${marks.ended}'); undefined;`;
};

/** One Script for one variant. Throws when the test includes a harness file that does not exist. */
export const compose = (suite: Suite, test: Test, variant: Variant): string => {
  if (variant === 'raw') return test.source;
  const { flags, includes } = test.metadata;
  const names = [
    'assert.js',
    'sta.js',
    ...(flags.has('async') ? ['doneprintHandle.js'] : []),
    ...includes,
  ];
  const directive = variant === 'strict' ? ['"use strict";'] : [];
  const parts = [...directive, opening, ...names.map(suite.harness), test.source];
  return parts.join('\n') + closing(test);
};

/** A text ends a directive by `;`, or by a line end before what cannot go on with an expression. */
const directiveEnd = String.raw`(?:\s*;|[ \t]*\r?\n(?=\s*[\w$'"]))`;
const prologue = new RegExp(
  '^(?:#!.*)?(?:' +
    String.raw`\s|//.*|/\*[\s\S]*?\*/` +
    String.raw`|"(?:[^"\\\n]|\\[\s\S])*"${directiveEnd}` +
    String.raw`|'(?:[^'\\\n]|\\[\s\S])*'${directiveEnd})*`,
);

/**
 * A raw test with the first mark put after its directives. It is not what the suite asks to run: it
 * shows whether an error that the unmodified test ended with came before any code ran.
 */
export const composeMarked = ({ source }: Test): string => {
  const end = prologue.exec(source)?.[0].length ?? 0;
  return `${source.slice(0, end)}\n;console.log('${marks.started}');\n${source.slice(end)}`;
};
