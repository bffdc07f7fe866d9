// Resident memory under attack stays below the formula of docs/limits.md.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import test from 'ava';
import { evaluationLimits, initImageLimits, poolLimits } from '../../contract/limits.ts';

const main = new URL('../../cli/main.ts', import.meta.url).pathname;
const MiB = 1024 * 1024;
const workers = 2;

/** docs/limits.md, in bytes. */
const formula = (): number =>
  250 * MiB +
  workers * poolLimits.sandboxBytesPerWorkerMax +
  (workers + poolLimits.spareWorkers) *
    (3 * evaluationLimits.memoryBytesMax +
      poolLimits.discardedBytesMax +
      poolLimits.idleSlotsPerWorkerMax * poolLimits.slotBytesMax) +
  initImageLimits.bytesMax +
  poolLimits.bodiesBytesMax +
  poolLimits.queueBytesMax;

const peakBytesOf = (pid: number | undefined): number => {
  const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
};

/** Each keeps or burns as much memory as it can, under an id of its own. */
const attacks = [
  'var held = []; for (let i = 0; i < 50; i++) held.push(String(i % 9).repeat(1e6)); 1',
  'var s = "x".repeat(25e6); s.length',
  'var a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));',
  'console.log("x".repeat(5e6)); "y".repeat(1e6)',
];

test('120 greedy sandboxes with large bodies stay below the formula', async (t) => {
  t.timeout(150_000);
  const child = spawn(process.execPath, [main, 'serve', '--port', '0', '--workers', `${workers}`]);
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stderr), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  const padding = `/*${'z'.repeat(5e5)}*/`;
  const call = async (index: number): Promise<number> => {
    const script = `${padding}${attacks[index % attacks.length] ?? ''}`;
    const body = JSON.stringify({ sandbox_id: `id${index}`, init_script: '', script });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/execute`, { method: 'POST', headers, body });
    await response.text();
    return response.status;
  };
  const codes = await Promise.all(Array.from({ length: 120 }, (_, index) => call(index)));
  t.true(codes.every((code) => [200, 400, 429].includes(code)));
  t.true(codes.filter((code) => code === 200).length > 30);
  const peak = peakBytesOf(child.pid);
  t.log(`peak ${Math.round(peak / MiB)} MiB, formula ${Math.round(formula() / MiB)} MiB`);
  t.true(peak <= formula());
  child.kill('SIGINT');
  await once(child, 'exit');
});
