// Plugins with state: each customer's own, the same after a restart, and never half of a failed
// call.

import test from 'ava';
import { createEngine, type Engine } from '@paddock-sandbox/paddock';
import { send, type Plugin, type Store } from '../../examples/plugin-state/plugins.ts';

const counter: Plugin = {
  name: 'counter',
  source: `
    let count = 0;
    let filler = '';
    const save = () => ({ count, filler });
    const restore = (saved) => { count = saved.count; };
    function handle(event) {
      count += 1;
      if (event === 'throw') throw new Error('after counting');
      if (event === 'loop') for (;;);
      if (event === 'bomb') { const a = []; for (;;) a.push(new Uint8Array(1e6)); }
      if (event === 'large') filler = 'x'.repeat(20000);
      return count;
    }`,
};

const createStore = (): Store => {
  const saved = new Map<string, string>();
  return {
    load: (customer, plugin) => saved.get(`${customer} ${plugin}`),
    save: (customer, plugin, json) => saved.set(`${customer} ${plugin}`, json),
  };
};

const replies = async (engine: Engine, store: Store, customer: string, events: string[]) => {
  const all: unknown[] = [];
  for (const event of events) {
    const answer = await send(engine, store, customer, counter, event);
    all.push(answer.ok ? answer.reply : answer.why.replace(/:.*/, ''));
  }
  return all;
};

test('customers have states of their own, and keep them over a restart', async (t) => {
  const store = createStore();
  for (const start of [0, 2]) {
    await using engine = await createEngine({ workers: 1 });
    t.deepEqual(await replies(engine, store, 'a', ['x', 'x']), [start + 1, start + 2]);
    t.deepEqual(await replies(engine, store, 'b', ['x']), [start / 2 + 1]);
  }
});

test('a call that fails has not happened, however it fails', async (t) => {
  await using engine = await createEngine({ workers: 1 });
  const store = createStore();
  for (const event of ['throw', 'loop', 'bomb', 'large']) {
    const [one, failure, two] = await replies(engine, store, event, ['x', event, 'x']);
    t.deepEqual([one, two], [1, 2], event);
    t.is(typeof failure, 'string');
  }
});
