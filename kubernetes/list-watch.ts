// One list, and one watch from where it ended, over everything of a kind in a namespace or in all.

import { kubernetesLimits as limits } from '../contract/limits.ts';
import type { Client } from './client.ts';
import { failureOf, isGone, type ApiFailure } from './failure.ts';
import { linesOf } from './lines.ts';
import { pathOf, type KubernetesObject, type Resource } from './resource.ts';

export interface Scope {
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

interface ListBody<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

/** Why a list or a watch ended before its time. `gone`: only a new list helps. */
export class WatchEnded extends Error {
  readonly gone: boolean;
  constructor(message: string, gone: boolean) {
    super(message);
    this.name = 'WatchEnded';
    this.gone = gone;
  }
}

const ended = (doing: string, failure: ApiFailure): WatchEnded =>
  new WatchEnded(`${doing}: ${failure.message}`, isGone(failure));

const selectors = ({ labelSelector, fieldSelector }: Scope): Record<string, string> => ({
  ...(labelSelector === undefined ? {} : { labelSelector }),
  ...(fieldSelector === undefined ? {} : { fieldSelector }),
});

/** Everything of the scope, page by page. Throws WatchEnded. */
export const list = async <T extends KubernetesObject>(
  client: Client,
  scope: Scope,
  signal: AbortSignal,
): Promise<Listed<T>> => {
  const items: T[] = [];
  let page: string | undefined;
  for (;;) {
    const answer = await client.send<ListBody<T>>({
      method: 'GET',
      path: pathOf(scope.resource, { namespace: scope.namespace }),
      query: {
        ...selectors(scope),
        limit: String(limits.pageObjects),
        ...(page === undefined ? {} : { continue: page }),
      },
      signal,
    });
    if (!answer.ok) throw ended(`list ${scope.resource.plural}`, answer.failure);
    items.push(...answer.value.items);
    const { continue: next = '', resourceVersion } = answer.value.metadata;
    if (next === '') return { items, resourceVersion };
    page = next;
  }
};

const eventOf = <T>(line: string): WatchEvent<T> => {
  const event = JSON.parse(line) as WatchEvent<T>;
  if (event.type !== 'ERROR') return event;
  const status = event.object as { code?: number };
  throw ended('watch', failureOf(status.code ?? 0, JSON.stringify(status)));
};

/**
 * The events since `resourceVersion`, until the server ends the watch in good order. Throws
 * WatchEnded when it does not, and when nothing came for so long that the connection must be dead.
 */
export async function* watch<T extends KubernetesObject>(
  client: Client,
  scope: Scope,
  resourceVersion: string,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const seconds = limits.watchSeconds + Math.floor(Math.random() * limits.watchSeconds);
  const { statusCode, body } = await client.open({
    method: 'GET',
    path: pathOf(scope.resource, { namespace: scope.namespace }),
    query: {
      ...selectors(scope),
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(seconds),
      resourceVersion,
    },
    signal,
  });
  if (statusCode !== 200) throw ended('watch', failureOf(statusCode, await body.text()));
  for await (const line of linesOf(body, limits.objectBytesMax)) yield eventOf<T>(line);
}
