// One customer's price rule, run for one cart. The rule is untrusted: so is what it returns.

import { createHash } from 'node:crypto';
import { Refusal, type Engine, type Outcome, type Stopped } from '@paddock-sandbox/paddock';

export interface Cart {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly placed_at: number;
  readonly items: readonly {
    readonly sku: string;
    readonly cents: number;
    readonly quantity: number;
  }[];
}

/** What the shop's owner is told when a rule fails; buyers never see it. */
export interface Failure {
  readonly status: Stopped['status'] | 'WRONG_RESULT';
  readonly message: string;
  readonly stack?: string;
  readonly stdout: string;
  readonly stderr: string;
}

export type RuleRun =
  | { readonly kind: 'discount'; readonly cents: number; readonly fuel: number }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The engine took no work, or had no time for it: nobody's fault, try again. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Far below the engine's own limits: a price must be there before the page is. */
const limits = { fuel: 500_000_000, memory_bytes: 16 * 1024 * 1024 };

export const totalOf = ({ items }: Cart): number =>
  items.reduce((sum, { cents, quantity }) => sum + cents * quantity, 0);

/** The same cart draws the same luck, so that a price shown is the price paid. */
const seedOf = ({ id }: Cart): number => createHash('sha256').update(id).digest().readUIntBE(0, 6);

const failed = (
  status: Failure['status'],
  message: string,
  { stdout, stderr }: Outcome,
  stack?: string,
): RuleRun => ({
  kind: 'failed',
  failure: { status, message, ...(stack === undefined ? {} : { stack }), stdout, stderr },
});

const judged = (cart: Cart, outcome: Outcome): RuleRun => {
  if (outcome.status !== 'OK') {
    return failed(outcome.status, outcome.message, outcome, outcome.stack);
  }
  const cents: unknown = JSON.parse(outcome.result_json);
  const valid = typeof cents === 'number' && Number.isInteger(cents);
  if (valid && cents >= 0 && cents <= totalOf(cart)) {
    return { kind: 'discount', cents, fuel: outcome.usage.fuel };
  }
  const expected = `discount(cart) must return a whole number from 0 to ${totalOf(cart)}`;
  return failed('WRONG_RESULT', `${expected}, got ${outcome.result_json.slice(0, 60)}`, outcome);
};

/**
 * Runs a rule. `sandbox_id` is null: each cart gets a sandbox of its own, so that a rule can carry
 * nothing from one buyer to the next. Throws only when the rule or the cart cannot be a request at
 * all.
 */
export const runRule = async (
  engine: Pick<Engine, 'evaluate'>,
  shop: string,
  source: string,
  cart: Cart,
): Promise<RuleRun> => {
  try {
    const outcome = await engine.evaluate(
      {
        sandbox_id: null,
        init_script: source,
        script: 'discount(input)',
        input: cart,
        seed: seedOf(cart),
        now: cart.placed_at,
        limits,
      },
      shop,
    );
    return judged(cart, outcome);
  } catch (error) {
    const busy = error instanceof Refusal && /^(?:OVERLOADED|UNAVAILABLE)$/.test(error.status);
    if (busy) return { kind: 'refused', refusal: error };
    throw error;
  }
};
