// Traffic: who gives way is woken when nobody is left to give way to.

import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import test from 'ava';
import { createTraffic } from '../../../runtime/worker/traffic.ts';

const waits = `
  const { parentPort, workerData } = require('node:worker_threads');
  const counts = new Int32Array(workerData);
  parentPort.postMessage('waits');
  parentPort.postMessage(Atomics.wait(counts, 0, 2));
`;

test('the last one to leave wakes who waits, earlier ones do not', async (t) => {
  const traffic = createTraffic();
  traffic.add(1);
  traffic.add(1);
  const worker = new Worker(waits, { eval: true, workerData: traffic.words });
  await once(worker, 'message');
  await new Promise((resolve) => setTimeout(resolve, 50));
  traffic.add(-1);
  traffic.add(-1);
  const [woken] = (await once(worker, 'message')) as [string];
  t.regex(woken, /ok|not-equal/);
  t.is(new Int32Array(traffic.words)[0], 0);
  await worker.terminate();
});
