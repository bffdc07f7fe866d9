// Random calls, stops, aborts, ends and restarts of a small engine beside a model of what each
// sandbox must be: whatever moves, rests, is evicted or comes from disk, states never mix.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { createEngine, type Engine } from '../../../runtime/index.ts';

const seed = Number(process.env['MODEL_SEED'] ?? 20_261_123);
const rounds = 6;
const lanes = 16;
const callsPerLane = 8;

/** mulberry32 */
const random = (state: number) => (): number => {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

const inits = [
  'var own = [];',
  'var own = []; var table = []; for (let i = 0; i < 200; i++) table.push({ i });',
];
const tail = 'own.join()';
const steps: Readonly<Record<string, (mark: string) => string>> = {
  push: (mark) => `own.push(${mark}); ${tail}`,
  grow: (mark) => `own.push(${mark}); var big = "x".repeat(4e5); ${tail}`,
  host: (mark) => `(async () => { own.push(await host.echo(${mark})); return ${tail}; })()`,
  thrown: (mark) => `own.push(${mark}); throw new Error(${tail})`,
  fuel: (mark) => `own.push(${mark}); for (;;);`,
  late: (mark) => `(async () => { own.push(${mark}); await host.echo(0); for (;;); })()`,
  deep: (mark) => `own.push(${mark}); (function f() { f(); })()`,
};
const kinds = ['push', 'push', 'push', 'grow', 'host', 'thrown', 'fuel', 'late', 'deep', 'abort'];

interface Sandbox {
  readonly caller: string;
  readonly id: string;
  init: string;
  own: string[];
}

const open = (folder: string, workers: number): Promise<Engine> =>
  createEngine({
    ...{ workers, state: { folder }, sandboxes: { sandboxesMax: 9 } },
    host: { echo: (value) => new Promise((resolve) => setImmediate(resolve, value)) },
  });

/** One call, and what it did to the model. `undefined`: nobody can know, so it is ended. */
const call = async (engine: Engine, box: Sandbox, kind: string, mark: string): Promise<string> => {
  const { caller, id, init, own } = box;
  const script = (steps[kind] ?? steps['late'])?.(mark) ?? '';
  const gone = new AbortController();
  const request = { sandbox_id: id, init_script: init, script, limits: { fuel: 60_000_000 } };
  const calling = engine.evaluate(request, caller, gone.signal);
  if (kind === 'abort') {
    setImmediate(() => {
      gone.abort();
    });
  }
  try {
    const outcome = await calling;
    const told = outcome.status === 'OK' ? (JSON.parse(outcome.result_json) as string) : '';
    const after = [...own, mark];
    if (outcome.state === 'kept') box.own = after;
    if (outcome.state === 'lost') box.own = [];
    const isRight = outcome.status !== 'OK' || told === after.join();
    const said = outcome.status === 'OK' ? told : outcome.message;
    const thrownRight =
      outcome.status !== 'RUNTIME_ERROR' || kind !== 'thrown' || said === `Error: ${after.join()}`;
    if (outcome.status === 'INTERNAL_SERVER_ERROR') return `${kind}: ${outcome.message}`;
    return isRight && thrownRight ? '' : `${caller} ${id} ${kind}: ${said}, not ${after.join()}`;
  } catch (error) {
    if (!gone.signal.aborted) return String(error);
    if (box.own.length === 0) engine.forget(id, caller);
    return '';
  }
};

const walk = async (engine: Engine, box: Sandbox, next: () => number): Promise<string[]> => {
  const wrong: string[] = [];
  for (let count = 0; count < callsPerLane; count++) {
    const dice = next();
    if (dice < 0.06) {
      engine.forget(box.id, box.caller);
      box.own = [];
    } else if (dice < 0.12) {
      box.init = box.init === inits[0] ? (inits[1] ?? '') : (inits[0] ?? '');
      box.own = [];
    }
    const kind = kinds[Math.floor(next() * kinds.length)] ?? 'push';
    wrong.push(await call(engine, box, kind, String(Math.floor(next() * 1e6))));
  }
  return wrong.filter((text) => text !== '');
};

const isAsModelled = test.macro<[workers: number]>(async (t, workers) => {
  t.timeout(120_000);
  const folder = await mkdtemp(join(tmpdir(), 'paddock-model-'));
  const next = random(seed);
  const boxes = Array.from({ length: lanes }, (_, index) => ({
    ...{ caller: `caller${index % 3}`, id: `\n${'1'.repeat(index % 5)}${index}` },
    ...{ init: inits[index % 2] ?? '', own: [] as string[] },
  }));
  const until = performance.now() + 20_000;
  for (let round = 0; round < rounds && performance.now() < until; round++) {
    await using engine = await open(folder, workers);
    const each = boxes.map((box) => walk(engine, box, random(Math.floor(next() * 2 ** 32))));
    t.deepEqual((await Promise.all(each)).flat(), []);
    // What was aborted goes on to its next quantum.
    while (engine.load().running > 0) await setTimeout(1);
    t.deepEqual(engine.load(), { running: 0, slow: 0, waiting: 0 });
    t.true(engine.kept().sandboxes <= 9);
  }
  await rm(folder, { recursive: true });
});

const title = `whatever comes, sandboxes are what the model says (MODEL_SEED=${seed})`;
test.serial(title, isAsModelled, 2);
test.serial(`${title}, in the caller's thread`, isAsModelled, 0);
