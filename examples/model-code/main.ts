// A model (here: a list of attempts) is asked for code until it works; then the run is repeated.

import { createEngine } from '@paddock-sandbox/paddock';
import { feedbackOf, replay, run } from './run.ts';

/** What a model might answer, one attempt after the other. */
const attempts = [
  'while (input.orders.length) input.orders.push(1);',
  'input.orders.map((order) => order.total.cents)',
  `const total = input.orders.reduce((sum, { cents }) => sum + cents, 0);
   console.log('drawn at', new Date().getFullYear() > 2000);
   ({ total, winner: input.orders[Math.floor(Math.random() * input.orders.length)].id })`,
];

const input = { orders: [1, 2, 3, 4, 5].map((id) => ({ id, cents: id * 100 })) };

await using engine = await createEngine({ workers: 1 });
for (const code of attempts) {
  const { record, outcome } = await run(engine, code, input);
  const feedback = feedbackOf(outcome);
  if (feedback !== undefined) {
    console.log(feedback.split('\n')[0]);
    continue;
  }
  const { total } = JSON.parse(record.said) as { total: number };
  console.log(`total ${total}, and a winner`);
  const stored = JSON.stringify(record);
  const differences = await replay(engine, JSON.parse(stored) as typeof record);
  console.log(
    differences.length === 0 ? 'the same once more' : `not the same: ${differences.join()}`,
  );
}
