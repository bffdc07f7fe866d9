// The arguments of `npm run test262`.

import { parseArgs } from 'node:util';

export const usage = `npm run test262 -- DIR [options]

DIR holds test/ and harness/ as the official suite does, or lies within such a test/ folder.

  --filter REGEXP         only tests whose path matches
  --sample N              N tests drawn at random, the same for the same --seed
  --seed N                seed of --sample (1)
  --skip-features A,B     skip tests that name one of these features
  --staging               run test/staging/ too
  --expect FILE           listed tests must fail, others must pass
  --write-expect FILE     write the list of what fails, and succeed
  --json FILE             write the whole report as JSON
  --fuel N                fuel for each test
  --manifest FILE         another interpreter than the one that ships, by its manifest
  --workers N             worker threads; one per CPU when absent

Ends with 0 when nothing surprised, 1 when something did, 2 when it could not run.`;

export interface Options {
  readonly folder: string;
  readonly filter: RegExp;
  readonly sample: number | undefined;
  readonly seed: number;
  readonly skipFeatures: readonly string[];
  readonly staging: boolean;
  readonly expect: string | undefined;
  readonly writeExpect: string | undefined;
  readonly json: string | undefined;
  readonly manifest: string | undefined;
  readonly fuel: number | undefined;
  readonly workers: number | undefined;
}

const text = { type: 'string' } as const;

const count = (name: string, value: string | undefined): number | undefined => {
  if (value === undefined) return undefined;
  const number = Number(value.replaceAll('_', ''));
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`--${name}: expected a positive integer, got "${value}"`);
};

/** Reads the arguments. Throws on anything that it does not know. */
export const parseOptions = (args: readonly string[]): Options => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      filter: text,
      sample: text,
      seed: text,
      'skip-features': text,
      staging: { type: 'boolean' },
      expect: text,
      'write-expect': text,
      json: text,
      manifest: text,
      fuel: text,
      workers: text,
    },
  });
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) throw new Error('expected one DIR');
  if (values.expect !== undefined && values['write-expect'] !== undefined) {
    throw new Error('--expect and --write-expect exclude one another');
  }
  return {
    folder,
    filter: new RegExp(values.filter ?? ''),
    sample: count('sample', values.sample),
    seed: count('seed', values.seed) ?? 1,
    skipFeatures: values['skip-features']?.split(',') ?? [],
    staging: values.staging ?? false,
    expect: values.expect,
    writeExpect: values['write-expect'],
    json: values.json,
    manifest: values.manifest,
    fuel: count('fuel', values.fuel),
    workers: count('workers', values.workers),
  };
};
