// Ten polite callers, alone and beside one who sends endless loops as fast as he can.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { poissonArrivals, type Call } from './arrivals.ts';
import { openClient } from './client.ts';
import { timesFigure, type Figure } from './figure.ts';
import { paddockServer } from './load.ts';
import { visitScript } from './workload.ts';
import { start, stop } from '../server-process.ts';

const polite = { callers: 10, perSecondEach: 20 } as const;
const hostileCalls = 32;
/** The attack goes on so long after the last polite call was due. */
const graceSeconds = 2;
const keyOf = (caller: string): string => `benchmark-key-of-${caller}`;

/** The polite callers' calls in turn, each in a sandbox of its own. */
const politeCalls = (): (() => Call) => {
  let made = 0;
  return () => {
    const caller = `polite-${made++ % polite.callers}`;
    const body = JSON.stringify({ sandbox_id: 'own', init_script: '', script: visitScript });
    return { kind: 'polite', body, key: keyOf(caller) };
  };
};

interface Attack {
  /** Ends it, and says how often the hostile caller got which status. */
  readonly end: () => Promise<string>;
}

const attack = async (origin: string): Promise<Attack> => {
  const script = join(import.meta.dirname, 'hostile-process.ts');
  const args = [script, origin, keyOf('hostile'), `${hostileCalls}`];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  // Under way, and the server busy with it.
  await sleep(3000);
  return {
    end: async () => {
      child.stdin.end();
      await gone;
      return said;
    },
  };
};

export const measureHostile = async (quick: boolean): Promise<Figure[]> => {
  const [rounds, seconds] = quick ? [1, 3] : [3, 10];
  const folder = await mkdtemp(join(tmpdir(), 'paddock-bench-'));
  const keyFile = join(folder, 'keys');
  const callers = Array.from({ length: polite.callers }, (_, index) => `polite-${index}`);
  const lines = [...callers, 'hostile'].map((caller) => `${caller} ${keyOf(caller)}\n`);
  await writeFile(keyFile, lines.join(''));
  const running = await start(paddockServer('--key-file', keyFile));
  const origin = `http://127.0.0.1:${running.port}`;
  const client = await openClient(origin);
  const times = { alone: [] as number[], beside: [] as number[] };
  const statuses: string[] = [];
  let refused = 0;
  /** Polite calls by the clock; those that wait for the attack's end are waited for after it. */
  const play = async (list: number[], seed: number) => {
    const arrivals = poissonArrivals(polite.callers * polite.perSecondEach, seconds, seed);
    for (const { ms, code } of await client.openLoop(arrivals, politeCalls())) {
      list.push(ms);
      if (code !== 200) refused++;
    }
  };
  try {
    await play([], 1);
    for (let round = 0; round < rounds; round++) {
      await play(times.alone, 10 + round);
      const { end } = await attack(origin);
      const besideHim = play(times.beside, 10 + round);
      await sleep((seconds + graceSeconds) * 1000);
      statuses.push(await end());
      await besideHim;
      // His last calls use up their fuel.
      await sleep(3000);
    }
  } finally {
    await client.close();
    await stop(running);
    await rm(folder, { recursive: true });
  }
  const section = 'beside a hostile caller';
  const note = 'ten callers, each 20 calls a second to a live sandbox, Poisson arrivals, open loop';
  const besideNote =
    `the same beside ${hostileCalls} calls at a time of for(;;){}, each to the end of its fuel, ` +
    `until ${graceSeconds} s after the last polite call; hostile answers by status: ` +
    `${statuses.join(' ')}; polite calls not answered 200: ${refused}`;
  return [
    timesFigure({ section, name: 'Paddock, polite alone', note, reference: true }, times.alone),
    timesFigure(
      { section, name: 'Paddock, polite beside hostile', note: besideNote, reference: false },
      times.beside,
    ),
  ];
};
