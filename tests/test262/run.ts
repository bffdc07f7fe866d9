// npm run test262: runs a conformance suite of the official layout through the library.

import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { createEngine } from '@paddock-sandbox/paddock';
import { evaluationLimits } from '../../contract/limits.ts';
import { bootFlags } from '../../runtime/engine/abi.ts';
import { loadModule } from '../../runtime/engine/module.ts';
import { drive } from './drive.ts';
import { formatExpected, parseExpected, surprisesOf } from './expected.ts';
import { parseOptions, usage, type Options } from './options.ts';
import { formatReport, formatSurprises, reportOf } from './report.ts';
import { sampleOf } from './sample.ts';
import { openSuite, type Suite } from './suite.ts';

/**
 * More than the product grants: some tests walk through all of Unicode, and none has to be fast.
 */
const fuelDefault = 10 * evaluationLimits.fuelMax;
const timeMsMax = 10 * evaluationLimits.timeMsMax;

const progress = (total: number) => (done: number) => {
  if (!process.stderr.isTTY || (done % 50 !== 0 && done !== total)) return;
  process.stderr.write(`\r${done} of ${total} tests${done === total ? '\n' : ''}`);
};

const selected = (suite: Suite, { filter, sample, seed }: Options): readonly string[] => {
  const paths = suite.paths.filter((path) => filter.test(path));
  if (paths.length === 0) throw new Error('no test matches');
  return sample === undefined ? paths : sampleOf(paths, sample, seed);
};

const main = async (options: Options): Promise<number> => {
  const suite = openSuite(options.folder);
  const paths = selected(suite, options);
  // Read before the run: a list that cannot be read should not cost it.
  const expected =
    options.expect === undefined ? [] : parseExpected(readFileSync(options.expect, 'utf8'));
  const workers = options.workers ?? availableParallelism();
  const limits = { fuelMax: options.fuel ?? fuelDefault, timeMsMax };
  const module = await loadModule(
    options.manifest === undefined ? undefined : pathToFileURL(options.manifest),
  );
  const flags = bootFlags.TEST262;
  await using engine = await createEngine({ workers, limits, module, bootFlags: flags });
  const since = performance.now();
  const driven = await drive(suite, paths, {
    engine,
    concurrency: 2 * workers,
    staging: options.staging,
    features: options.skipFeatures,
    onTest: progress(paths.length),
  });
  const seconds = Math.round((performance.now() - since) / 100) / 10;
  const report = reportOf(driven, { engine: engine.name, fuel: limits.fuelMax, seconds });
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(report, null, 1));
  if (options.writeExpect !== undefined) {
    writeFileSync(options.writeExpect, formatExpected(driven.results));
    console.log(formatReport(report));
    return 0;
  }
  const surprises = surprisesOf(driven.results, expected, suite.has);
  console.log([formatSurprises(surprises), formatReport(report)].filter(Boolean).join('\n\n'));
  return Object.values(surprises).some(({ length }) => length > 0) ? 1 : 0;
};

try {
  const args = process.argv.slice(2);
  if (args.includes('--help')) console.log(usage);
  else process.exitCode = await main(parseOptions(args));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
