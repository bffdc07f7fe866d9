// A hostile caller at full speed: endless loops in as many calls at once as it is told, each sent
// again as soon as it is answered, until its standard input ends.

import { Agent, request } from 'undici';

const [origin = '', key = '', calls = ''] = process.argv.slice(2);
const dispatcher = new Agent({ connections: Number(calls) });
const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
const body = JSON.stringify({ sandbox_id: null, init_script: '', script: 'for (;;) {}' });
const codes = new Map<number, number>();

const attack = async (): Promise<never> => {
  for (;;) {
    const options = { headersTimeout: 0, bodyTimeout: 0 };
    const answer = await request(`${origin}/execute`, {
      ...{ method: 'POST', dispatcher, headers, body, ...options },
    });
    await answer.body.dump();
    codes.set(answer.statusCode, (codes.get(answer.statusCode) ?? 0) + 1);
  }
};

process.stdin.resume().on('end', () => {
  process.stdout.write(JSON.stringify(Object.fromEntries(codes)));
  process.exit(0);
});
await Promise.all(Array.from({ length: Number(calls) }, attack));
