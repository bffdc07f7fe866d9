// Short calls in a closed loop beside slow calls of the same caller, one for each core.

import { availableParallelism } from 'node:os';
import { timesFigure, type Figure } from './figure.ts';
import { expectValue } from './turns.ts';
import { createEngine, type Engine, type Evaluation } from '../../../runtime/index.ts';

const slowTurns = 10_000_000;
const slowScript = `let n = 0; while (n < ${slowTurns}) n++; n`;

/** Who asks, and for what. */
interface Asker {
  readonly caller: string;
  readonly of: (index: number) => Evaluation;
}

const script = '1+1';
const live: Asker = { caller: 'own', of: () => ({ sandbox_id: 'live', script }) };
const askers: Readonly<Record<string, Asker>> = {
  'one-shot': { caller: 'own', of: () => ({ script }) },
  live,
  new: { caller: 'own', of: (index) => ({ sandbox_id: `new ${index}`, script }) },
  "live, another caller's": { ...live, caller: 'other' },
};

/** One call after another until then, and how long each took. */
const ask = async (
  engine: Engine,
  until: number,
  { caller, of }: Asker,
  expected: number,
): Promise<number[]> => {
  const times: number[] = [];
  for (let index = 0; performance.now() < until; index++) {
    const begin = performance.now();
    const outcome = await engine.evaluate(of(index), caller);
    times.push(performance.now() - begin);
    if (outcome.status !== 'OK') throw new Error(`${outcome.status}: ${outcome.message}`);
    expectValue(JSON.parse(outcome.result_json), expected);
  }
  return times;
};

export const measureOwn = async (quick: boolean): Promise<Figure[]> => {
  const ms = quick ? 2_000 : 5_000;
  const workers = availableParallelism();
  await using engine = await createEngine({ workers });
  const askSlowly = (until: number) =>
    Array.from({ length: workers }, (_, index) => {
      const of = () => ({ sandbox_id: `slow ${index}`, script: slowScript });
      return ask(engine, until, { caller: 'own', of }, slowTurns);
    });
  const warm = performance.now() + ms;
  // The spare worker starts.
  await Promise.all([...askSlowly(warm), ask(engine, warm, live, 2)]);
  const figures: Figure[] = [];
  for (const [name, asker] of Object.entries(askers)) {
    const alone = await ask(engine, performance.now() + ms, asker, 2);
    const until = performance.now() + ms;
    const asking = askSlowly(until);
    const beside = await ask(engine, until, asker, 2);
    const slow = (await Promise.all(asking)).flat();
    const about = (line: string, note: string, reference = false) => ({
      section: `${script} beside slow calls: ${name}`,
      ...{ name: line, note, reference },
    });
    const besideNote = `${workers} at a time, each a loop of ${slowTurns} turns`;
    figures.push(
      timesFigure(about('alone', 'closed loop', true), alone),
      timesFigure(about('beside slow calls', besideNote), beside),
      timesFigure(about('the slow calls', 'meanwhile'), slow),
    );
  }
  return figures;
};
