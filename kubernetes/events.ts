// Tells people what a controller did, as events.k8s.io/v1 Events: one for each object and reason
// within a while, however often it happens, so that a pool in trouble does not fill etcd.

import { kubernetesLimits as limits } from '../contract/limits.ts';
import { fieldManager } from '../contract/pool/names.ts';
import type { Client } from './client.ts';
import { resources, type KubernetesObject, type Resource } from './resource.ts';

export interface Occurrence {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

export interface EventRecorderOptions {
  readonly client: Client;
  /** The instance that reports, as the pod's name. */
  readonly instance: string;
  readonly onFailure: (message: string) => void;
}

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  /** Object, reason and note -> when it was last told. */
  readonly #told = new Map<string, number>();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Resolves when it is written, or need not be. Never rejects: an event is not worth a retry. */
  async record(resource: Resource, regarding: KubernetesObject, what: Occurrence): Promise<void> {
    const { uid = '', namespace = 'default', name, resourceVersion = '' } = regarding.metadata;
    const key = [uid, what.reason, what.note].join('\n');
    const now = Date.now();
    if (now - (this.#told.get(key) ?? -Infinity) < limits.eventWindowMs) return;
    this.#told.delete(key);
    this.#told.set(key, now);
    const [oldest] = this.#told.keys();
    if (this.#told.size > limits.eventsRememberedMax && oldest !== undefined) {
      this.#told.delete(oldest);
    }
    const answer = await this.#options.client
      .create(resources.event, namespace, {
        metadata: { generateName: `${name.slice(0, 40)}-`, namespace },
        eventTime: new Date(now).toISOString().replace('Z', '000Z'),
        reportingController: fieldManager,
        reportingInstance: this.#options.instance,
        regarding: {
          ...{ apiVersion: resource.apiVersion, kind: resource.kind },
          ...{ name, namespace, uid, resourceVersion },
        },
        ...what,
        note: what.note.slice(0, limits.eventNoteCharsMax),
      })
      .catch((error: unknown) => ({ ok: false as const, failure: { message: String(error) } }));
    if (!answer.ok) this.#options.onFailure(answer.failure.message);
  }
}
