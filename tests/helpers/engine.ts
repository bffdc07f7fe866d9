// One engine for all tests of a file, closed when they are over.

import type { TestFn } from 'ava';
import { createEngine, type Engine, type EngineOptions } from '../../runtime/index.ts';
import type { Evaluation, Outcome } from '../../runtime/index.ts';

/** Starts an engine before the first test of a file; `evaluate` uses it. */
export const withEngine = (test: TestFn, options: EngineOptions = {}) => {
  const started: { engine?: Engine } = {};
  test.before(async () => {
    started.engine = await createEngine({ workers: 1, ...options });
  });
  test.after.always(async () => {
    await started.engine?.close();
  });
  const engine = (): Engine => {
    if (!started.engine) throw new Error('the engine has not started');
    return started.engine;
  };
  return {
    engine,
    evaluate: (evaluation: Evaluation, caller = ''): Promise<Outcome> =>
      engine().evaluate(evaluation, caller),
  };
};

/** The result of an OK outcome; anything else is thrown, told in full. */
export const resultOf = (outcome: Outcome): unknown => {
  if (outcome.status !== 'OK') throw new Error(JSON.stringify(outcome));
  return JSON.parse(outcome.result_json);
};

/** `status message` of an outcome that is not OK. */
export const failureOf = (outcome: Outcome): string =>
  outcome.status === 'OK' ? `OK ${outcome.result_json}` : `${outcome.status} ${outcome.message}`;
