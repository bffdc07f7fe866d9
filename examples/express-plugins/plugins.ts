// The price rules of all shops, and the last failures of each, in memory. Bounded: shops upload
// what they like.

import type { Failure } from './price-rule.ts';

const rulesPerShopMax = 10;
const failuresMax = 10;

interface Rule {
  readonly source: string;
  readonly failures: Failure[];
}

export interface Plugins {
  /** False when the shop has as many rules as it may have. */
  readonly put: (shop: string, name: string, source: string) => boolean;
  readonly find: (shop: string, name: string) => Rule | undefined;
  /** The rules of a shop, in the order in which they were first uploaded. */
  readonly of: (shop: string) => readonly (readonly [name: string, rule: Rule])[];
  readonly report: (shop: string, name: string, failure: Failure) => void;
}

export const createPlugins = (): Plugins => {
  // Maps, not objects: a shop may be called __proto__.
  const shops = new Map<string, Map<string, Rule>>();
  return {
    put(shop, name, source) {
      const rules = shops.get(shop) ?? new Map<string, Rule>();
      if (!rules.has(name) && rules.size >= rulesPerShopMax) return false;
      shops.set(shop, rules.set(name, { source, failures: [] }));
      return true;
    },
    find: (shop, name) => shops.get(shop)?.get(name),
    of: (shop) => [...(shops.get(shop) ?? [])],
    report(shop, name, failure) {
      const failures = shops.get(shop)?.get(name)?.failures;
      failures?.push(failure);
      if (failures && failures.length > failuresMax) failures.shift();
    },
  };
};
