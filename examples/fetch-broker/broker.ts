// A fetch for scripts that may ask a few addresses, and never see the secret that those want.

import type { HostFunction } from '@paddock-sandbox/paddock';

/** What scripts may ask, by the name that they use. */
export interface Route {
  /** The address; what a script gives is put behind it as `?query=`. */
  readonly url: string;
  /** Headers of ours, with the secret. */
  readonly headers: Readonly<Record<string, string>>;
}

const bodyBytesMax = 64 * 1024;
const msMax = 5_000;

const isAsked = (value: unknown): value is { route: string; query: string } => {
  const { route, query } = (value ?? {}) as Record<string, unknown>;
  return typeof route === 'string' && typeof query === 'string';
};

/** The body, up to a bound: a server that never ends its answer must not fill our memory. */
const textOf = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Error(`the answer is over ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};

/**
 * A host function: `await host.fetch({ route, query })` gives `{ status, body }`. A script chooses
 * a route by its name and nothing else: no host, no path, no header. Redirects are not followed,
 * since they would take the secret along.
 */
export const createBroker =
  (routes: Readonly<Record<string, Route>>): HostFunction =>
  async (argument, { signal }) => {
    if (!isAsked(argument)) throw new Error('expected { route, query }, both strings');
    const { route: name, query } = argument;
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
    if (!route) throw new Error(`route: expected one of ${Object.keys(routes).join(', ')}`);
    const url = new URL(route.url);
    url.searchParams.set('query', query);
    const response = await fetch(url, {
      headers: route.headers,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(msMax)]),
    }).catch(() => {
      // What went wrong may tell of our network: the script need not know.
      throw new Error('no answer');
    });
    return { status: response.status, body: await textOf(response) };
  };
