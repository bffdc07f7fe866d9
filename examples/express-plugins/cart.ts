// Reads a cart from a request's body. What it lets through is what price rules may count on.

import type { Cart } from './price-rule.ts';

const isWhole = (value: unknown, minimum: number, maximum: number): value is number =>
  Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;

const isItem = (value: unknown): value is Cart['items'][number] => {
  const { sku, cents, quantity } = (value ?? {}) as Record<string, unknown>;
  return typeof sku === 'string' && isWhole(cents, 0, 100_000_000) && isWhole(quantity, 1, 1_000);
};

const isItems = (value: unknown): value is Cart['items'] =>
  Array.isArray(value) && value.length <= 500 && value.every(isItem);

/** Undefined when the body is no cart. */
export const readCart = (body: unknown): Cart | undefined => {
  const { id, placed_at, items } = (body ?? {}) as Record<string, unknown>;
  if (typeof id !== 'string' || !isWhole(placed_at, 0, 8.64e15) || !isItems(items))
    return undefined;
  return { id, placed_at, items };
};

/** An uploaded rule is tried on this cart before it is taken. */
export const sampleCart: Cart = {
  id: 'sample',
  placed_at: Date.UTC(2026, 0, 1),
  items: [
    { sku: 'teapot', cents: 2_500, quantity: 1 },
    { sku: 'cup', cents: 400, quantity: 6 },
  ],
};
