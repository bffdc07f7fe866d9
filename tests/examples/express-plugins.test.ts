// The example over real HTTP: every status of an evaluation, as the author and as the buyer see it.

import test from 'ava';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import { createEngine, type Engine } from '@paddock-sandbox/paddock';
import { poolLimits } from '../../contract/limits.ts';
import { createApp } from '../../examples/express-plugins/app.ts';

const cart = {
  id: 'c1',
  placed_at: Date.UTC(2026, 5, 1),
  items: [{ sku: 'pot', cents: 2_500, quantity: 2 }],
};

interface Answer {
  readonly code: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** The app on a port of its own. */
const serve = async (
  t: { teardown: (end: () => unknown) => void },
  engine: Pick<Engine, 'evaluate'>,
) => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const server = createApp(engine).listen(0, '127.0.0.1', () => {
    resolve(undefined);
  });
  await promise;
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const send = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const { status, headers } = response;
    return { code: status, headers, body: (await response.json()) as Record<string, unknown> };
  };
  return {
    put: (name: string, source: unknown) => send('PUT', `/shops/tea/rules/${name}`, { source }),
    quote: (body: unknown = cart) => send('POST', '/shops/tea/quotes', body),
    failures: (name: string) => send('GET', `/shops/tea/rules/${name}/failures`),
  };
};

const engine = createEngine({ workers: 1 });
test.after.always(async () => (await engine).close());

test('a rule takes its discount off, and gets the cart as input', async (t) => {
  const { put, quote } = await serve(t, await engine);
  const rule = 'function discount(cart) { return cart.items[0].cents / 10; }';
  const uploaded = await put('ten', rule);
  t.is(uploaded.code, 201);
  t.is(uploaded.body['sample_discount_cents'], 250);
  const { code, body } = await quote();
  t.deepEqual(
    [code, body],
    [200, { total_cents: 4_750, rules: [{ name: 'ten', discount_cents: 250 }] }],
  );
});

test('luck and time belong to the cart: a price shown is the price paid', async (t) => {
  const { put, quote } = await serve(t, await engine);
  const luck = 'function discount() { return Math.floor(Math.random() * 2000) + Date.now() % 7; }';
  t.is((await put('luck', luck)).code, 201);
  const { body } = await quote();
  t.deepEqual((await quote()).body, body);
  t.notDeepEqual((await quote({ ...cart, id: 'c2' })).body, body);
});

test('a rule carries nothing from one buyer to the next', async (t) => {
  const { put, quote } = await serve(t, await engine);
  await put('count', 'let calls = 0; function discount() { return calls++; }');
  t.is((await quote()).body['total_cents'], 5_000);
  t.is((await quote()).body['total_cents'], 5_000);
});

test('RUNTIME_ERROR: the author gets message, stack and output, the rule is refused', async (t) => {
  const { put, quote } = await serve(t, await engine);
  const { code, body } = await put(
    'bad',
    'function discount(cart) {\n  console.log("here");\n  return cart.itemz.length;\n}',
  );
  t.is(code, 422);
  t.is(body['status'], 'RUNTIME_ERROR');
  t.regex(String(body['message']), /^TypeError: /);
  t.regex(String(body['stack']), /discount.*:3:/);
  t.is(body['stdout'], 'here\n');
  t.deepEqual((await quote()).body, { total_cents: 5_000, rules: [] });
});

const authorsFaults: readonly (readonly [status: string, source: string])[] = [
  ['RUNTIME_ERROR', 'function discount( {'],
  ['RUNTIME_ERROR', 'var x = 1;'],
  ['OUT_OF_FUEL', 'function discount() { for (;;); }'],
  ['OUT_OF_FUEL', 'for (;;);'],
  ['OUT_OF_MEMORY', 'function discount() { const a = []; for (;;) a.push(new Uint8Array(1e6)); }'],
  ['WRONG_RESULT', 'function discount() { return "all"; }'],
  ['WRONG_RESULT', 'function discount() { return -5; }'],
  ['WRONG_RESULT', 'function discount() { return 1e9; }'],
  ['WRONG_RESULT', 'function discount() { return { __proto__: null, valueOf: 5 }; }'],
];

for (const [status, source] of authorsFaults) {
  test(`the author is told ${status}: ${source}`, async (t) => {
    const { put } = await serve(t, await engine);
    const { code, body } = await put('bad', source);
    t.is(code, 422);
    t.is(body['status'], status);
    t.is('hint' in body, status.startsWith('OUT_OF'));
  });
}

test('a rule that fails at the till costs the buyer nothing, its author sees why', async (t) => {
  const { put, quote, failures } = await serve(t, await engine);
  const fussy = `function discount(cart) {
    if (cart.id === 'sample') return 0;
    if (cart.id === 'loop') for (;;);
    throw new RangeError('secret of the shop');
  }`;
  t.is((await put('fussy', fussy)).code, 201);
  const { code, body } = await quote();
  t.deepEqual(
    [code, body],
    [200, { total_cents: 5_000, rules: [{ name: 'fussy', discount_cents: 0 }] }],
  );
  t.is((await quote({ ...cart, id: 'loop' })).code, 200);
  const seen = (await failures('fussy')).body['failures'] as { status: string; message: string }[];
  t.deepEqual(
    seen.map(({ status }) => status),
    ['RUNTIME_ERROR', 'OUT_OF_FUEL'],
  );
  t.is(seen[0]?.message, 'RangeError: secret of the shop');
});

test('OUT_OF_TIME: nobody is to blame, try again', async (t) => {
  // No more wall-clock time than the first look at the clock takes.
  const hurried = await createEngine({ workers: 1, limits: { timeMsMax: 1 } });
  t.teardown(() => hurried.close());
  const { put } = await serve(t, hurried);
  const { code, headers, body } = await put('slow', 'function discount() { for (;;); }');
  t.is(body['status'], 'OUT_OF_TIME');
  t.is(code, 503);
  t.truthy(headers.get('retry-after'));
});

test('OVERLOADED is 429, and UNAVAILABLE is 503, each with Retry-After', async (t) => {
  // What runs has no end, so that no place in the queue comes free.
  const limits = { fuelMax: Number.MAX_SAFE_INTEGER, timeMsMax: 600_000 };
  const crowded = await createEngine({ workers: 1, limits });
  t.teardown(() => crowded.close());
  const { put, quote } = await serve(t, crowded);
  t.is((await put('none', 'function discount() { return 0; }')).code, 201);
  const waiting: Promise<unknown>[] = [];
  const begin = (): Promise<unknown> => {
    // Of many callers: one alone cannot fill it.
    const caller = `c${waiting.length % 4}`;
    const one = crowded.evaluate({ script: 'for (;;);' }, caller).catch(() => 'refused');
    waiting.push(one);
    return one;
  };
  // First what runs, in the spare worker too: whatever began later would leave a place free.
  const running = 1 + poolLimits.spareWorkers;
  for (let index = 0; index < running; index++) void begin();
  while (crowded.load().running < running) await setTimeout(5);
  // Then evaluations until the queue takes no more; what is left of them ends with the engine.
  while ((await Promise.race([begin(), setImmediate('taken')])) === 'taken');
  for (const { code, headers } of [await quote(), await put('b', 'function discount() {}')]) {
    t.is(code, 429);
    t.truthy(headers.get('retry-after'));
  }
  await crowded.close();
  await Promise.all(waiting);
  for (const { code, headers } of [await quote(), await put('b', 'function discount() {}')]) {
    t.is(code, 503);
    t.truthy(headers.get('retry-after'));
  }
});

test('INTERNAL_SERVER_ERROR is no fault of the rule: 500, and buyers learn nothing', async (t) => {
  // No script is known that brings it about, so the engine's answer is made here.
  let broken = false;
  const real = await engine;
  const evaluate: Engine['evaluate'] = async (request, caller) => {
    const outcome = await real.evaluate(request, caller);
    const { stdout, stderr, usage, state } = outcome;
    const told = { stdout, stderr, usage, state, stage: 'SCRIPT' } as const;
    const message = 'internal error, see id 7';
    return broken ? { status: 'INTERNAL_SERVER_ERROR', message, ...told } : outcome;
  };
  const { put, quote, failures } = await serve(t, { evaluate });
  t.is((await put('fine', 'function discount() { return 0; }')).code, 201);
  broken = true;
  const author = await put('fine', 'function discount() { return 0; }');
  t.deepEqual([author.code, author.body['message']], [500, 'internal error, see id 7']);
  const buyer = await quote();
  t.is(buyer.code, 500);
  t.deepEqual(buyer.body, { error: 'the price cannot be computed at the moment' });
  t.is(((await failures('fine')).body['failures'] as unknown[]).length, 1);
});

test('what is no request is 400, and says what was expected', async (t) => {
  const { put, quote, failures } = await serve(t, await engine);
  const wrong = [
    await put('a', 5),
    await put('a', undefined),
    await quote({ ...cart, items: [{ sku: 'x', cents: -1, quantity: 1 }] }),
    await quote({ ...cart, placed_at: 'today' }),
    await quote('{"id":'),
  ];
  for (const { code, body } of wrong) {
    t.is(code, 400);
    t.regex(String(body['error']), /expected|JSON/i);
  }
  t.is((await put('a', `//${'x'.repeat(300_000)}`)).code, 413);
  t.is((await failures('nobody')).code, 404);
});
