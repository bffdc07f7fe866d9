// The front matter of a conformance test. It is YAML, of which tests use a small part: plain
// values, lists in brackets or with dashes, one nested map, and block texts, which are passed over.

export type Phase = 'parse' | 'resolution' | 'runtime';

const flagNames = [
  'onlyStrict',
  'noStrict',
  'module',
  'raw',
  'async',
  'generated',
  'non-deterministic',
  'CanBlockIsFalse',
  'CanBlockIsTrue',
] as const;
export type Flag = (typeof flagNames)[number];

/** How a negative test must end. */
export interface Negative {
  readonly phase: Phase;
  /** Name of the error's constructor. */
  readonly type: string;
}

export interface Metadata {
  /** The error that the test must end with. */
  readonly negative?: Negative;
  readonly flags: ReadonlySet<Flag>;
  /** Files of the harness, in order. */
  readonly includes: readonly string[];
  readonly features: readonly string[];
  /** Identifier of the section of ECMA-262. */
  readonly esid?: string;
}

const withoutComment = (text: string): string => text.replace(/(?:^|\s)#.*$/gm, '');

const unquoted = (text: string): string => text.trim().replace(/^(['"])(.*)\1$/, '$2');

/** A list in either notation: `[a, b]`, or one `- a` on each line. */
const listOf = (value: string): readonly string[] => {
  const text = withoutComment(value).trim();
  const parts = text.startsWith('[') ? text.slice(1, -1).split(',') : text.split(/^\s*-\s/m);
  return parts.map(unquoted).filter((part) => part !== '');
};

/** Top-level keys and what follows each, up to the next. */
const entriesOf = (yaml: string): ReadonlyMap<string, string> =>
  new Map(
    [...yaml.matchAll(/^([A-Za-z0-9_-]+):(.*(?:\n(?![A-Za-z0-9_-]+:).*)*)/gm)].map(
      ([, key = '', value = '']) => [key, value],
    ),
  );

const negativeOf = (value: string): Negative => {
  const field = (name: string): string =>
    unquoted(new RegExp(`^\\s+${name}:(.*)$`, 'm').exec(withoutComment(value))?.[1] ?? '');
  const [phase, type] = [field('phase'), field('type')];
  if (phase !== 'parse' && phase !== 'resolution' && phase !== 'runtime') {
    throw new Error(`negative: expected a phase of parse, resolution or runtime, got "${phase}"`);
  }
  if (type === '') throw new Error('negative: expected the type of an error');
  return { phase, type };
};

const flagOf = (name: string): Flag => {
  const flag = flagNames.find((known) => known === name);
  if (flag === undefined) throw new Error(`flags: "${name}" is not known`);
  return flag;
};

/**
 * Reads a test's front matter. Throws when there is none or when it says what nobody can follow.
 */
export const parseMetadata = (source: string): Metadata => {
  const yaml = /\/\*---\r?\n?([\s\S]*?)---\*\//.exec(source)?.[1]?.replace(/\r\n?/g, '\n');
  if (yaml === undefined) throw new Error('there is no front matter between /*--- and ---*/');
  const entries = entriesOf(yaml);
  const [negative, esid] = [entries.get('negative'), entries.get('esid')];
  return {
    flags: new Set(listOf(entries.get('flags') ?? '').map(flagOf)),
    includes: listOf(entries.get('includes') ?? ''),
    features: listOf(entries.get('features') ?? ''),
    ...(negative === undefined ? {} : { negative: negativeOf(negative) }),
    ...(esid === undefined ? {} : { esid: unquoted(withoutComment(esid)) }),
  };
};
