// paddock run: one script, evaluated in a sandbox of its own.

import { stripTypeScriptTypes } from 'node:module';
import { createEngine, type Engine, type Evaluation, type Outcome } from '../runtime/index.ts';
import { requestLimits } from '../contract/limits.ts';
import { bodyOf } from '../contract/outcome.ts';
import { print } from './print.ts';
import { startProgress } from './progress.ts';
import { readFile, readText } from './read.ts';

export interface RunOptions {
  readonly script?: string;
  readonly file?: string;
  readonly init?: string;
  readonly input?: string;
  readonly fuel?: number;
  readonly memory?: number;
  readonly seed?: number;
  readonly now?: number;
  readonly usage?: boolean;
  readonly json?: boolean;
}

const exitCode = {
  OK: 0,
  RUNTIME_ERROR: 1,
  OUT_OF_FUEL: 3,
  OUT_OF_MEMORY: 4,
  OUT_OF_TIME: 5,
  INTERNAL_SERVER_ERROR: 70,
} as const satisfies Record<Outcome['status'], number>;

/** Node warns that stripping is an experiment of its own: whoever runs a script need not know. */
const withoutWarning = <Result>(act: () => Result): Result => {
  const before = Object.getOwnPropertyDescriptor(process, 'emitWarning') ?? {};
  process.emitWarning = () => undefined;
  try {
    return act();
  } finally {
    Object.defineProperty(process, 'emitWarning', before);
  }
};

const withoutTypes = (file: string, source: string): string => {
  try {
    return withoutWarning(() => stripTypeScriptTypes(source));
  } catch (error) {
    // Node tells the line in front of the stack alone.
    const { message, stack = '' } = error as Error;
    const line = /^:\d+(?=\n)/.exec(stack)?.[0] ?? '';
    throw new Error(`${file}${line}: ${message}`, { cause: error });
  }
};

const sourceMax = requestLimits.sourceBytesCeiling;

const sourceIn = async (option: string, file: string): Promise<string> => {
  const source = await readFile(option, file, sourceMax);
  return /\.[cm]?ts$/.test(file) ? withoutTypes(file, source) : source;
};

const scriptOf = async ({ script, file }: RunOptions): Promise<string> => {
  if (script !== undefined) return script;
  if (file !== undefined) return sourceIn('--file', file);
  if (process.stdin.isTTY)
    throw new Error('no script: give --script, --file, or a script on stdin');
  return readText('stdin', process.stdin, sourceMax);
};

/** No script begins with an @. */
const initOf = async (init = ''): Promise<string> =>
  init.startsWith('@') ? sourceIn('--init', init.slice(1)) : init;

/** JSON text, as it came: what is parsed twice may not be the same twice. */
const inputOf = async (input: string | undefined): Promise<string | undefined> => {
  if (input === undefined) return undefined;
  const max = requestLimits.inputBytesMax;
  const json = input.startsWith('@') ? await readFile('--input', input.slice(1), max) : input;
  try {
    JSON.parse(json);
    return json;
  } catch (error) {
    throw new Error(`--input: expected JSON, got text that is not (${(error as Error).message})`, {
      cause: error,
    });
  }
};

const evaluationOf = async (options: RunOptions): Promise<Evaluation> => {
  const input_json = await inputOf(options.input);
  const { init, fuel, memory, seed, now } = options;
  return {
    script: await scriptOf(options),
    init_script: await initOf(init),
    ...(input_json === undefined ? {} : { input_json }),
    ...(seed === undefined ? {} : { seed }),
    ...(now === undefined ? {} : { now }),
    limits: {
      ...(fuel === undefined ? {} : { fuel }),
      ...(memory === undefined ? {} : { memory_bytes: memory }),
    },
  };
};

const failureOf = (outcome: Exclude<Outcome, { status: 'OK' }>): string => {
  const stage = outcome.stage === 'INIT' ? ' (in init_script)' : '';
  const stack = outcome.stack === undefined ? '' : `\n${outcome.stack.trimEnd()}`;
  return `${outcome.status}${stage}: ${outcome.message}${stack}\n`;
};

const tell = (outcome: Outcome, options: RunOptions): void => {
  const { stdout, stderr } = process;
  if (options.json === true) {
    print(stdout, `${bodyOf(outcome)}\n`);
    return;
  }
  print(stdout, outcome.stdout);
  print(stderr, outcome.stderr);
  if (outcome.status !== 'OK') print(stderr, failureOf(outcome));
  else if (outcome.result_json !== 'null') print(stdout, `${outcome.result_json}\n`);
  if (options.usage !== true) return;
  const { fuel, memory_bytes, engine } = outcome.usage;
  print(stderr, `fuel ${fuel}, memory ${memory_bytes} bytes, engine ${engine}\n`);
};

const evaluate = async (engine: Engine, evaluation: Evaluation): Promise<Outcome> => {
  const fuelMax = evaluation.limits?.fuel ?? engine.limits.fuelMax;
  const stop = startProgress(process.stderr, () => engine.fuelGranted() / fuelMax);
  try {
    return await engine.evaluate(evaluation);
  } finally {
    stop();
  }
};

/** Evaluates, prints, and gives the exit code. Throws on wrong usage. */
export const run = async (options: RunOptions): Promise<number> => {
  const evaluation = await evaluationOf(options);
  // The command line is the operator's own: its limits are the engine's.
  const limits = {
    ...(options.fuel === undefined ? {} : { fuelMax: options.fuel }),
    ...(options.memory === undefined ? {} : { memoryBytesMax: options.memory }),
  };
  const log = ({ cause }: { cause: string }) => process.stderr.write(`${cause}\n`);
  await using engine = await createEngine({ workers: 1, limits, log });
  const outcome = await evaluate(engine, evaluation);
  tell(outcome, options);
  return exitCode[outcome.status];
};
