// What calls that wait for their answers hold of a router's memory: their bodies, once.

import test from 'ava';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { requestLimits } from '../../../contract/limits.ts';
import { startMember } from '../../helpers/between.ts';

const bodies = 8;

test('a body that waits is held once, not in pieces nor as a string as well', async (t) => {
  const arrived = Promise.withResolvers<undefined>();
  let waiting = 0;
  const member = await startMember(() => {
    waiting += 1;
    if (waiting === bodies) arrived.resolve(undefined);
  });
  const file = fileURLToPath(new URL('../../helpers/router-memory.ts', import.meta.url));
  const router = fork(file, [member.url], { execArgv: ['--expose-gc'] });
  const client = new AbortController();
  t.teardown(() => {
    client.abort();
    router.kill();
    member.server.closeAllConnections();
    member.server.close();
  });
  const next = async (): Promise<unknown> => {
    const [message] = (await once(router, 'message')) as readonly unknown[];
    return message;
  };
  const held = async (): Promise<number> => {
    router.send('how much');
    return Number(await next());
  };
  const url = String(await next());
  const before = await held();
  // One character beyond Latin-1, and a string takes two bytes for each of the others.
  const script = `€${'a'.repeat(requestLimits.bodyBytesMax - 200)}`;
  const body = Buffer.from(JSON.stringify({ sandbox_id: 'x', init_script: '', script }));
  const calls = Array.from({ length: bodies }, () =>
    fetch(`${url}/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: client.signal,
    }),
  );
  await arrived.promise;
  const ratio = ((await held()) - before) / (bodies * body.length);
  t.true(ratio > 0.5 && ratio < 1.5, `${ratio} times the bodies`);
  client.abort();
  await Promise.allSettled(calls);
});
