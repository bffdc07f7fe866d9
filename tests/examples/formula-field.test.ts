// Formulas of users: values, errors of one cell and of all, and formulas that attack the host.

import test from 'ava';
import { createEngine } from '@paddock-sandbox/paddock';
import { computeColumn, type Row } from '../../examples/formula-field/formula.ts';

const engine = createEngine({ workers: 1 });
test.after.always(async () => (await engine).close());

const now = Date.UTC(2026, 0, 1);
const rows: readonly Row[] = [{ price: 1 }, { price: 2 }, { price: null }];
const compute = async (formula: string, of = rows) => computeColumn(await engine, formula, of, now);

test('each row has a cell, with a value or an error of its own', async (t) => {
  t.deepEqual(await compute('SUM(price, [1, 2])'), [{ value: 4 }, { value: 5 }, { value: 3 }]);
  const [one, two, three] = await compute('price.toFixed(1)');
  t.deepEqual([one, two], [{ value: '1.0' }, { value: '2.0' }]);
  t.regex(three?.error ?? '', /TypeError/);
  t.deepEqual(await compute('1', []), []);
});

test('the same formula gives the same values, luck and time included', async (t) => {
  const formula = 'Math.random() + Date.now() * price';
  t.deepEqual(await compute(formula), await compute(formula));
  t.deepEqual((await compute('Date.now()'))[0], { value: now });
});

const attacks = [
  '(() => { for (;;); })()',
  '(() => { const a = []; for (;;) a.push(new Uint8Array(1e6)); })()',
  'SUM(price',
  '1); (globalThis.column = () => ["mine"]',
  '(Array.prototype.map = () => "no list", 1)',
  '(Object.prototype.toJSON = () => 5, { price })',
  '() => 1',
  '"x".repeat(5e6)',
  '{}',
  'price); } finally { for (;;); } (0',
];

for (const formula of attacks) {
  test(`no harm: ${formula}`, async (t) => {
    const cells = await compute(formula);
    t.is(cells.length, rows.length);
    for (const cell of cells) {
      t.true(cell.error === undefined || cell.error.length <= 200);
      t.true(cell.value === undefined || cell.value === null || Object(cell.value) !== cell.value);
    }
    // Nothing of it is left for the next formula.
    t.deepEqual((await compute('SUM(price)')).slice(0, 2), [{ value: 1 }, { value: 2 }]);
  });
}
