// Traffic: who gives way to whom, and that he is woken when nobody is left to give way to.

import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import test from 'ava';
import { createTraffic, urgentBeside } from '../../../runtime/worker/traffic.ts';

const waits = `
  const { parentPort, workerData } = require('node:worker_threads');
  const counts = new Int32Array(workerData);
  parentPort.postMessage('waits');
  parentPort.postMessage(Atomics.wait(counts, 0, 2));
`;

test('who waits is woken when none is left, not before all has begun that can', async (t) => {
  const traffic = createTraffic(1);
  traffic.begin(true);
  traffic.begin(true);
  const worker = new Worker(waits, { eval: true, workerData: traffic.words });
  await once(worker, 'message');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const woken: unknown[] = [];
  worker.on('message', (message) => woken.push(message));
  traffic.leave(true);
  traffic.settle();
  traffic.slow();
  traffic.begin(true);
  traffic.settle();
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.deepEqual(woken, []);
  traffic.leave(true);
  traffic.settle();
  if (woken.length === 0) await once(worker, 'message');
  t.deepEqual(woken, ['ok']);
  t.is(new Int32Array(traffic.words)[0], 0);
  await worker.terminate();
});

test('a slow call gives way only where more run than there are cores', (t) => {
  const traffic = createTraffic(2);
  const counts = new Int32Array(traffic.words);
  traffic.begin(true);
  traffic.slow();
  traffic.begin(true);
  t.is(urgentBeside(counts), 0, 'a core for each');
  traffic.begin(true);
  t.is(urgentBeside(counts), 2);
  traffic.slow();
  t.is(urgentBeside(counts), 1);
  traffic.slow();
  t.is(urgentBeside(counts), 0, 'none that is not slow');
  traffic.begin(true);
  traffic.leave(false);
  traffic.leave(false);
  t.is(urgentBeside(counts), 0, 'again a core for each');
});
