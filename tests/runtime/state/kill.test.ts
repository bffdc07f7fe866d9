// A process that puts at full speed is killed at random moments, again and again on one folder:
// all that it was told is kept is there, and nothing else than what it put.
// PADDOCK_STATE_KILLS sets how often.

import test from 'ava';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { openSmall, withFolder } from '../../helpers/state-folder.ts';
import { numberOf } from '../../helpers/state-values.ts';

const kills = Number(process.env['PADDOCK_STATE_KILLS'] ?? 20);
const child = new URL('../../helpers/state-child.ts', import.meta.url).pathname;

/** Runs the process for a while from its first word on, and gives back all that it said. */
const killAfter = async (folder: string, ms: number, start: number): Promise<string[]> => {
  const writer = spawn(process.execPath, [child, folder, 'write', String(start)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: Buffer[] = [];
  writer.stdout.on('data', (data: Buffer) => said.push(data));
  const closed = once(writer, 'close');
  await once(writer.stdout, 'data');
  await setTimeout(ms);
  writer.kill('SIGKILL');
  await closed;
  // The last line may be cut.
  return Buffer.concat(said).toString().split('\n').slice(0, -1);
};

test(`${kills} times killed: what was kept is there`, async (t) => {
  t.timeout(kills * 20_000);
  await withFolder(async (folder) => {
    const kept = new Map<string, number>();
    let said = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      for (const line of await killAfter(folder, Math.random() * 700, kill * 1_000_000)) {
        const [, digits, key = ''] = /^kept (\d+) (.*)$/.exec(line) ?? [];
        kept.set(key, Math.max(Number(digits), kept.get(key) ?? 0));
        said += 1;
      }
      const { log, events } = await openSmall(folder, { bytesMax: 4 * 1024 * 1024 });
      const wrong = events.filter(({ kind }) => kind !== 'torn-tail' && kind !== 'set-aside');
      t.deepEqual(wrong, []);
      for (const [key, number] of kept) {
        const value = await log.get(key);
        const found = value && numberOf(key, value);
        t.true(found !== undefined && found >= number, `${key}: ${String(found)}, kept ${number}`);
      }
      await log.close();
    }
    t.true(kept.size > 100 && said > 1_000);
  });
});
