// Computes some formulas over a small table and prints the columns.

import { createEngine } from '@paddock-sandbox/paddock';
import { computeColumn, type Row } from './formula.ts';

const rows: readonly Row[] = [
  { item: 'pot', price: 25, quantity: 2 },
  { item: 'lid', price: 4.5, quantity: 0 },
  { item: 'cup', price: null, quantity: 12 },
];

const formulas = [
  'ROUND(price * quantity * 1.2, 2)',
  'IF(quantity > 0, item.toUpperCase(), "sold out")',
  'price.toFixed(2)',
  '(() => { for (;;); })()',
];

await using engine = await createEngine({ workers: 1 });
for (const formula of formulas) {
  const cells = await computeColumn(engine, formula, rows, Date.UTC(2026, 0, 1));
  console.log(formula, '=>', cells.map(({ value, error }) => error ?? value).join(' | '));
}
