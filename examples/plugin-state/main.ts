// Two customers with the same plugin, a plugin that fails, and a restart of the engine.

import { createEngine } from '@paddock-sandbox/paddock';
import { send, type Plugin, type Store } from './plugins.ts';

const visits: Plugin = {
  name: 'visits',
  source: `
    let count = 0;
    const save = () => ({ count });
    const restore = (saved) => { count = saved.count; };
    function handle(event) {
      count += 1;
      if (event === 'loop') for (;;);
      if (event === 'throw') throw new Error('no such page');
      return count + ' visits, the last of ' + event;
    }`,
};

const kept = new Map<string, string>();
const keyOf = (customer: string, plugin: string): string => JSON.stringify([customer, plugin]);
const store: Store = {
  load: (customer, plugin) => kept.get(keyOf(customer, plugin)),
  save: (customer, plugin, json) => kept.set(keyOf(customer, plugin), json),
};

const visit = async (events: readonly (readonly [customer: string, page: string])[]) => {
  await using engine = await createEngine({ workers: 1 });
  for (const [customer, page] of events) {
    const answer = await send(engine, store, customer, visits, page);
    console.log(`${customer}:`, answer.ok ? answer.reply : answer.why);
  }
};

await visit([
  ['tea', '/'],
  ['tea', '/pots'],
  ['toys', '/'],
  ['tea', 'throw'],
  ['tea', 'loop'],
  ['tea', '/cups'],
]);
console.log('the engine starts anew');
await visit([['tea', '/']]);
