// The one way to the API server. client-node finds and refreshes credentials; requests go through
// undici, with a deadline each, and what the server refuses comes back as data.

import type { KubeConfig } from '@kubernetes/client-node';
import type { RequestOptions } from 'node:https';
import { Agent, request, type Dispatcher } from 'undici';
import { kubernetesLimits } from '../contract/limits.ts';
import { fieldManager } from '../contract/pool/names.ts';
import { failureOf, unreachable, type Answer } from './failure.ts';
import { pathOf, type KubernetesObject, type Place, type Resource } from './resource.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** Runs before each write and throws when it may not be sent. */
export type Fence = () => void;

const applyType = 'application/apply-patch+yaml';

/** Credentials as undici takes them. A token file is read anew when client-node says so. */
const credentials = async (config: KubeConfig): Promise<RequestOptions> => {
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  return options;
};

const agentOf = (options: RequestOptions, silenceMs: number): Agent =>
  new Agent({
    connect: {
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      ...(options.cert === undefined ? {} : { cert: options.cert }),
      ...(options.key === undefined ? {} : { key: options.key }),
      ...(options.servername === undefined ? {} : { servername: options.servername }),
      ...(options.rejectUnauthorized === false ? { rejectUnauthorized: false } : {}),
      timeout: kubernetesLimits.requestMs,
    },
    bodyTimeout: silenceMs,
    headersTimeout: kubernetesLimits.requestMs,
    maxResponseSize: -1,
  });

export class Client {
  readonly #config: KubeConfig;
  readonly #server: string;
  readonly #silenceMs: number;
  #agent: Agent | undefined;
  #fence: Fence = () => undefined;

  /** @param silenceMs after which a body that says nothing more is given up */
  constructor(config: KubeConfig, silenceMs: number = kubernetesLimits.watchSilenceMs) {
    const cluster = config.getCurrentCluster();
    if (!cluster)
      throw new Error('kubeconfig: expected a current context with a cluster, got none');
    this.#config = config;
    this.#silenceMs = silenceMs;
    this.#server = cluster.server;
  }

  /** From now on no write leaves unless `fence` returns. */
  fenceWrites(fence: Fence): void {
    this.#fence = fence;
  }

  /** Sends a request and gives the response while its body is still under way. */
  async open(call: Call): Promise<Dispatcher.ResponseData> {
    const options = await credentials(this.#config);
    this.#agent ??= agentOf(options, this.#silenceMs);
    const url = new URL(this.#server);
    url.pathname = `${url.pathname.replace(/\/$/, '')}${call.path}`;
    url.search = new URLSearchParams(call.query).toString();
    const { authorization, Authorization } = options.headers as Record<string, string>;
    const token = authorization ?? Authorization;
    if (call.method !== 'GET') this.#fence();
    return request(url, {
      method: call.method,
      dispatcher: this.#agent,
      headers: {
        accept: 'application/json',
        'user-agent': 'paddock',
        ...(token === undefined ? {} : { authorization: token }),
        ...(call.body === undefined
          ? {}
          : { 'content-type': call.contentType ?? 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.signal ? { signal: call.signal } : {}),
    });
  }

  /** Sends a request and reads its answer, all within the deadline. */
  async send<A>(call: Call): Promise<Answer<A>> {
    const deadline = AbortSignal.timeout(kubernetesLimits.requestMs);
    const signal = call.signal ? AbortSignal.any([call.signal, deadline]) : deadline;
    try {
      const { statusCode, headers, body } = await this.open({ ...call, signal });
      const text = await body.text();
      if (statusCode < 300) return { ok: true, value: JSON.parse(text) as A };
      const retryAfter = headers['retry-after'];
      return {
        ok: false,
        failure: failureOf(statusCode, text, Array.isArray(retryAfter) ? undefined : retryAfter),
      };
    } catch (error) {
      if (error instanceof WriteRefused) throw error;
      return { ok: false, failure: unreachable(error) };
    }
  }

  get<A extends KubernetesObject>(resource: Resource, place: Place): Promise<Answer<A>> {
    return this.send({ method: 'GET', path: pathOf(resource, place) });
  }

  /** Creates an object that has no name of its own to be applied by, or must not be there yet. */
  create<A>(resource: Resource, namespace: string | undefined, body: object): Promise<Answer<A>> {
    const typed = { apiVersion: resource.apiVersion, kind: resource.kind, ...body };
    return this.send({ method: 'POST', path: pathOf(resource, { namespace }), body: typed });
  }

  /** Server-side apply under our field manager; what others own of these fields becomes ours. */
  apply<A>(
    resource: Resource,
    object: KubernetesObject,
    subresource?: Place['subresource'],
  ): Promise<Answer<A>> {
    const { namespace, name } = object.metadata;
    return this.send({
      method: 'PATCH',
      path: pathOf(resource, { namespace, name, subresource }),
      query: { fieldManager, force: 'true' },
      contentType: applyType,
      body: { ...object, apiVersion: resource.apiVersion, kind: resource.kind },
    });
  }

  /** Replaces an object whose resourceVersion is still the one in `object`. */
  replace<A>(resource: Resource, object: KubernetesObject): Promise<Answer<A>> {
    const { namespace, name } = object.metadata;
    return this.send({
      method: 'PUT',
      path: pathOf(resource, { namespace, name }),
      query: { fieldManager },
      body: { ...object, apiVersion: resource.apiVersion, kind: resource.kind },
    });
  }

  /** Deletes an object that is still the one with this uid. */
  delete(resource: Resource, place: Place, uid: string): Promise<Answer<unknown>> {
    return this.send({
      method: 'DELETE',
      path: pathOf(resource, place),
      body: { preconditions: { uid }, propagationPolicy: 'Background' },
    });
  }

  async close(): Promise<void> {
    await this.#agent?.destroy();
  }
}

/** Thrown by a fence. */
export class WriteRefused extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'WriteRefused';
  }
}
