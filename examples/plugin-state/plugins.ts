// Plugins that remember: one sandbox for each customer and plugin. The sandbox is a cache; what a
// plugin wants to keep is JSON in a store of the host's own.

import type { Engine, Outcome } from '@paddock-sandbox/paddock';

export interface Plugin {
  readonly name: string;
  /** Defines handle(event), save() and restore(saved). */
  readonly source: string;
}

/** Where the host keeps what plugins saved: here a Map, in earnest a database. */
export interface Store {
  readonly load: (customer: string, plugin: string) => string | undefined;
  readonly save: (customer: string, plugin: string, json: string) => void;
}

export type Answer =
  { readonly ok: true; readonly reply: unknown } | { readonly ok: false; readonly why: string };

const limits = { fuel: 200_000_000, memory_bytes: 16 * 1024 * 1024 };
const savedBytesMax = 16 * 1024;

/** `var` lives as long as the sandbox: a new one starts from what was saved, another goes on. */
const script = `
  if (typeof started === 'undefined') {
    var started = true;
    if (input.saved !== null) restore(input.saved);
  }
  ({ reply: handle(input.event), saved: save() })`;

const resultOf = (outcome: Outcome & { readonly status: 'OK' }) =>
  JSON.parse(outcome.result_json) as { readonly reply?: unknown; readonly saved?: unknown } | null;

/**
 * Sends an event to a plugin of a customer. Two customers never share a sandbox, since each is a
 * caller of his own. Throws a Refusal when the engine is busy.
 */
export const send = async (
  engine: Pick<Engine, 'evaluate' | 'forget'>,
  store: Store,
  customer: string,
  plugin: Plugin,
  event: unknown,
): Promise<Answer> => {
  const saved = JSON.parse(store.load(customer, plugin.name) ?? 'null') as unknown;
  const outcome = await engine.evaluate(
    {
      sandbox_id: plugin.name,
      init_script: plugin.source,
      script,
      input: { event, saved },
      limits,
    },
    customer,
  );
  /** Sandbox and store say the same again: the next call starts from what was saved last. */
  const startOver = (why: string): Answer => {
    if (outcome.state === 'kept') engine.forget(plugin.name, customer);
    return { ok: false, why };
  };
  // A thrown error keeps what the plugin had changed by then; running out of fuel undoes it.
  if (outcome.status !== 'OK') return startOver(`${outcome.status}: ${outcome.message}`);
  const { reply = null, saved: next = null } = resultOf(outcome) ?? {};
  const json = JSON.stringify(next);
  if (Buffer.byteLength(json) > savedBytesMax) {
    return startOver(`save() gave more than ${savedBytesMax} bytes`);
  }
  store.save(customer, plugin.name, json);
  return { ok: true, reply };
};
