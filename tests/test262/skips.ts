// What the interpreter cannot be asked, each with its reason. Anything else runs, and fails if it
// fails.

import type { Flag } from './metadata.ts';
import type { Test } from './suite.ts';

const noModules = 'modules: the ABI evaluates Scripts only';
const oneAgent = 'agents: a sandbox is one agent, and nothing may block it';

const flags: Readonly<Partial<Record<Flag, string>>> = {
  module: noModules,
  CanBlockIsTrue: oneAgent,
};

// A map: __proto__ is the name of a feature.
const features: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'dynamic-import': noModules,
    'import.meta': noModules,
    'import-attributes': noModules,
    'json-modules': noModules,
    'import-text': noModules,
    'import-bytes': noModules,
    'import-defer': noModules,
    'source-phase-imports': noModules,
    'source-phase-imports-module-source': noModules,
    'top-level-await': noModules,
    'Atomics.waitAsync': oneAgent,
    'host-gc-required': 'garbage collection: it cannot be observed, by design',
    IsHTMLDDA: 'document.all: there is no document',
  }),
);

const folders: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^(?:staging\/)?intl402\//, 'ECMA-402: the interpreter is built without Intl'],
];

const staging = 'staging: not yet reviewed by the suite; --staging runs them';

export interface SkipOptions {
  readonly staging: boolean;
  /** Features that the caller does not want to run, beyond those that cannot. */
  readonly features: readonly string[];
}

/** Whether all that a test asks for is a parse: then nothing runs that could be missing. */
const onlyParses = ({ metadata }: Test): boolean =>
  metadata.negative?.phase === 'parse' && !metadata.flags.has('module');

/** Why a test does not run; undefined when it does. */
export const skipReason = (test: Test, options: SkipOptions): string | undefined => {
  const { path, source, metadata } = test;
  const unwanted = metadata.features.find((feature) => options.features.includes(feature));
  if (unwanted !== undefined) return `${unwanted}: by --skip-features`;
  const folder = folders.find(([pattern]) => pattern.test(path));
  if (folder) return folder[1];
  if (!options.staging && path.startsWith('staging/')) return staging;
  if (onlyParses(test)) return undefined;
  const flag = [...metadata.flags].find((each) => flags[each] !== undefined);
  if (flag !== undefined) return flags[flag];
  const feature = metadata.features.find((each) => features.has(each));
  if (feature !== undefined) return features.get(feature);
  return source.includes('$262.agent') ? oneAgent : undefined;
};
