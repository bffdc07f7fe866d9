// A formula field: an expression that a user typed, computed for all rows of a table in one call.
// What comes back is as untrusted as what went in.

import type { Engine } from '@paddock-sandbox/paddock';

export type Value = number | string | boolean | null;
export type Row = Readonly<Record<string, Value>>;

export type Cell =
  | { readonly value: Value; readonly error?: never }
  | { readonly error: string; readonly value?: never };

/** Our own code within the sandbox: the functions of formulas, and one loop over the rows. */
const library = `
  const SUM = (...values) => values.flat().reduce((sum, value) => sum + Number(value), 0);
  const ROUND = (value, digits = 0) => Math.round(value * 10 ** digits) / 10 ** digits;
  const IF = (condition, yes, no) => (condition ? yes : no);
  function column(formula, rows) {
    const names = Object.keys(rows[0] ?? {});
    const compute = new Function(...names, '"use strict"; return (' + formula + ');');
    return rows.map((row) => {
      try {
        return { value: compute(...names.map((name) => row[name])) };
      } catch (error) {
        return { error: String(error) };
      }
    });
  }`;

/** A column may cost this much, and as much again for each row. */
const fuel = { base: 20_000_000, row: 2_000_000 };
const memoryBytes = 16 * 1024 * 1024;
const errorCharsMax = 200;

const isValue = (value: unknown): value is Value =>
  value === null || ['number', 'string', 'boolean'].includes(typeof value);

const cellOf = (found: unknown): Cell => {
  if (typeof found === 'object' && found !== null) {
    if ('error' in found && typeof found.error === 'string') {
      return { error: found.error.slice(0, errorCharsMax) };
    }
    if ('value' in found && isValue(found.value)) return { value: found.value };
  }
  return { error: 'a formula gives a number, a text, true, false or nothing' };
};

/**
 * Computes a formula for each row; a formula that fails as a whole gives the same error in each.
 * Formula and rows go in as `input`, never into the script: so the script is always ours. Throws a
 * Refusal when the engine is busy.
 */
export const computeColumn = async (
  engine: Pick<Engine, 'evaluate'>,
  formula: string,
  rows: readonly Row[],
  now: number,
): Promise<readonly Cell[]> => {
  const outcome = await engine.evaluate({
    init_script: library,
    script: 'column(input.formula, input.rows)',
    input: { formula, rows },
    // Every cell sees the same instant and the same luck, however often it is computed.
    seed: 1,
    now,
    limits: { fuel: fuel.base + fuel.row * rows.length, memory_bytes: memoryBytes },
  });
  if (outcome.status !== 'OK') {
    return rows.map(() => ({ error: outcome.message.slice(0, errorCharsMax) }));
  }
  const cells: unknown = JSON.parse(outcome.result_json);
  // A formula may have replaced what `column` is made of: it has only hurt itself.
  return rows.map((_, index) => cellOf(Array.isArray(cells) ? cells[index] : undefined));
};
