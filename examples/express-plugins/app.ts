// The web app: shop owners upload price rules, buyers ask for a price. Who may upload for which
// shop is for your own authentication to say.

import express, { type Express } from 'express';
import type { Engine } from '@paddock-sandbox/paddock';
import {
  answerAuthor,
  answerBuyer,
  answerError,
  answerRefusal,
  isAuthorsFault,
} from './answers.ts';
import { readCart, sampleCart } from './cart.ts';
import { createPlugins, type Plugins } from './plugins.ts';
import { runRule, totalOf } from './price-rule.ts';

type Runner = Pick<Engine, 'evaluate'>;

/** PUT: a rule is run once before it is taken, so that its author hears of a mistake at once. */
const upload =
  (engine: Runner, plugins: Plugins): express.RequestHandler<{ shop: string; name: string }> =>
  async ({ params: { shop, name }, body }, response) => {
    const { source } = (body ?? {}) as { readonly source?: unknown };
    if (typeof source !== 'string') {
      response.status(400).json({ error: 'expected {"source": "function discount(cart) { … }"}' });
      return;
    }
    const run = await runRule(engine, shop, source, sampleCart);
    if (run.kind === 'refused') answerRefusal(response, run.refusal);
    else if (run.kind === 'failed') answerAuthor(response, run.failure);
    else if (!plugins.put(shop, name, source)) {
      response.status(409).json({ error: 'this shop has as many rules as it may have' });
    } else {
      response.status(201).json({ sample_discount_cents: run.cents, fuel: run.fuel });
    }
  };

/** POST: every rule of the shop takes its discount off. One that fails takes nothing off. */
const quote =
  (engine: Runner, plugins: Plugins): express.RequestHandler<{ shop: string }> =>
  async ({ params: { shop }, body }, response) => {
    const cart = readCart(body);
    if (!cart) {
      response.status(400).json({ error: 'expected a cart: id, placed_at, items' });
      return;
    }
    const rules: { readonly name: string; readonly discount_cents: number }[] = [];
    for (const [name, { source }] of plugins.of(shop)) {
      const run = await runRule(engine, shop, source, cart);
      if (run.kind === 'refused') {
        answerRefusal(response, run.refusal);
        return;
      }
      if (run.kind === 'failed') {
        plugins.report(shop, name, run.failure);
        if (!isAuthorsFault(run.failure)) {
          answerBuyer(response, run.failure);
          return;
        }
      }
      rules.push({ name, discount_cents: run.kind === 'discount' ? run.cents : 0 });
    }
    const off = rules.reduce((sum, { discount_cents }) => sum + discount_cents, 0);
    response.json({ total_cents: Math.max(0, totalOf(cart) - off), rules });
  };

/** GET: what has gone wrong with a rule at the till, for its author. */
const failures =
  (plugins: Plugins): express.RequestHandler<{ shop: string; name: string }> =>
  ({ params: { shop, name } }, response) => {
    const rule = plugins.find(shop, name);
    if (rule) response.json({ failures: rule.failures });
    else response.status(404).json({ error: 'there is no such rule' });
  };

/** The app around an engine; it neither starts nor ends the engine. */
export const createApp = (engine: Runner): Express => {
  const plugins = createPlugins();
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '256kb' }));
  app.put('/shops/:shop/rules/:name', upload(engine, plugins));
  app.get('/shops/:shop/rules/:name/failures', failures(plugins));
  app.post('/shops/:shop/quotes', quote(engine, plugins));
  app.use(answerError);
  return app;
};
