// What `helm test` asks of a pool: an execute round trip, the same sandbox for the same id, and a
// limit that holds. Runs in a pod with a projected token; prints a line for each and exits by them.

import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const url = `${process.env.POOL_URL}/execute`;
const token = (await readFile('/var/run/paddock/token', 'utf8')).trim();

const execute = async (request) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sandbox_id: null, init_script: '', ...request }),
  });
  return { code: response.status, body: await response.json() };
};

/** The pool was made a moment ago: its URL answers when its pods are ready. */
const whenReady = async () => {
  for (let attempts = 0; attempts < 120; attempts++) {
    const code = await execute({ script: '1' }).then(
      (answer) => answer.code,
      () => 0,
    );
    if (code === 200) return;
    await sleep(1000);
  }
  throw new Error(`${url} did not answer within two minutes`);
};

let failed = 0;
const check = (name, holds, came) => {
  console.log(`${holds ? 'ok' : 'FAILED'} ${name}${holds ? '' : `: ${JSON.stringify(came)}`}`);
  if (!holds) failed += 1;
};

await whenReady();
const init_script = 'function fib(n) { return n <= 1 ? n : fib(n - 1) + fib(n - 2); } let n = 0;';
const round = await execute({ init_script, script: 'fib(13)' });
check('execute round trip', round.body.result === 233, round);
const counts = [];
for (let call = 0; call < 5; call++) {
  counts.push((await execute({ sandbox_id: 'a', init_script, script: '++n' })).body.result);
}
check('one sandbox for one id', counts.join() === '1,2,3,4,5', counts);
const endless = await execute({ script: 'for (;;) {}', limits: { fuel: 1_000_000 } });
check('fuel ends an endless loop', endless.body.status === 'OUT_OF_FUEL', endless);
process.exitCode = failed;
