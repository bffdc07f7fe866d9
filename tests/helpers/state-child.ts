// A process with a state log of its own, for tests that kill it or take its disk away.
//   node state-child.ts FOLDER hold|full|write

import { openStateLog, type StateEvent } from '../../runtime/state/index.ts';
import { valueOf } from './state-values.ts';

const [folder = '', mode = ''] = process.argv.slice(2);
const events: StateEvent[] = [];
const log = await openStateLog({
  folder,
  binding: 'engine 1',
  bytesMax: (mode === 'write' ? 4 : 100) * 1024 * 1024,
  log: (event) => events.push(event),
});

const hold = async (): Promise<void> => {
  await log.put('held', new Uint8Array(9));
  process.stdout.write('held\n');
  process.stdin.resume();
};

const fill = async (): Promise<void> => {
  const [kept, lost]: [string[], string[]] = [[], []];
  for (let i = 0; i < 100; i += 1) {
    const key = `key ${i}`;
    ((await log.put(key, new Uint8Array(1_000).fill(1))) ? kept : lost).push(key);
  }
  // The first of them again: it is refused, and its old value must not come back.
  const [first = ''] = kept;
  if (!(await log.put(first, new Uint8Array(1_000)))) kept.shift();
  const later = await log.put('small', new Uint8Array(1));
  await log.close();
  process.stdout.write(JSON.stringify({ kept, lost, later, events }));
};

/** Puts at full speed, and says what is kept as soon as it is. */
const write = async (): Promise<void> => {
  const start = Number(process.argv[4]);
  for (let count = start; ; count += 16) {
    const batch = Array.from({ length: 16 }, async (_, i) => {
      const key = `key ${Math.floor(Math.random() * 200)}`;
      const number = count + i;
      if (await log.put(key, valueOf(key, number))) process.stdout.write(`kept ${number} ${key}\n`);
    });
    await Promise.all(batch);
  }
};

await ({ hold, full: fill, write }[mode] ?? hold)();
