// Nothing is evaluated twice: counted at the members, whose connections are cut before, within and
// after the body of a request, within the answer, or not at all.

import test from 'ava';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startRouter } from '../../../router/server.ts';
import { createLog } from '../../../telemetry/log.ts';

const calls = 240;
/** Long enough to come in several pieces. */
const padding = ' '.repeat(300_000);
const moments = ['before', 'within', 'after', 'answering', 'never'] as const;
type Moment = (typeof moments)[number];

/** Calls by their number, as often as a member has had one whole. */
const evaluated = new Map<string, number>();

const answer: RequestListener = (_, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{"status":"OK"}');
};

const startMember = async (cutAt: () => Moment) => {
  const server = createServer((request, response) => {
    const moment = cutAt();
    if (moment === 'before') {
      request.socket.destroy();
      return;
    }
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
      if (moment === 'within') request.socket.destroy();
    });
    request.on('end', () => {
      const [, call = ''] = /"script":"(\d+)"/.exec(body) ?? [];
      evaluated.set(call, (evaluated.get(call) ?? 0) + 1);
      if (moment === 'after') request.socket.destroy();
      else if (moment === 'answering') {
        response.writeHead(200, { 'content-length': '100', 'content-type': 'application/json' });
        response.write('{"status":', () => request.socket.destroy());
      } else answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}` };
};

test('whenever a connection is cut, a call is evaluated once at most', async (t) => {
  let turn = 0;
  // Each moment as often as the others, in an order that no call knows.
  const cutAt = (): Moment => moments[(turn++ * 7) % moments.length] ?? 'never';
  const members = await Promise.all([startMember(cutAt), startMember(cutAt)]);
  const router = await startRouter({
    source: { members: members.map(({ url }) => url), hostNames: ['localhost'] },
    log: createLog('silent'),
    ...{ host: '127.0.0.1', port: 0 },
  });
  const send = async (call: number): Promise<string> => {
    const sandboxId = call % 3 === 0 ? null : `s${call % 20}`;
    const body = { sandbox_id: sandboxId, init_script: padding, script: String(call) };
    try {
      const response = await fetch(`${router.url}/execute`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const { status } = (await response.json()) as { readonly status: string };
      return status;
    } catch {
      return 'cut';
    }
  };
  const outcomes: string[] = [];
  const next = Array.from({ length: calls }, (_, call) => call).values();
  const work = async (): Promise<void> => {
    for (const call of next) outcomes[call] = await send(call);
  };
  await Promise.all(Array.from({ length: 12 }, work));

  const times = (call: number): number => evaluated.get(String(call)) ?? 0;
  t.deepEqual(
    outcomes.flatMap((outcome, call) => (times(call) > 1 ? [`${call}: ${outcome}`] : [])),
    [],
  );
  // What is said of a call is true: OK was evaluated; of what is unknown nothing is claimed.
  for (const [call, outcome] of outcomes.entries()) {
    if (outcome === 'OK') t.is(times(call), 1);
    else t.true(outcome === 'OUTCOME_UNKNOWN' || outcome === 'cut', outcome);
  }
  for (const outcome of ['OK', 'OUTCOME_UNKNOWN', 'cut']) {
    t.true(outcomes.filter((each) => each === outcome).length > calls / 20, outcome);
  }
  await router.drain(0);
  for (const { server } of members) {
    server.closeAllConnections();
    server.close();
  }
});
